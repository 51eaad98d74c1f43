"""Precision and recall of flags against the edits of one or several annotators."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.speech_condition import Edit, SpokenSentence

_BETA = 0.5


@dataclass(frozen=True, slots=True)
class Flag:
    """What a rule said about a sentence, and whether an annotator said so too.

    `exact`: an annotator changed the same words into the same words. `detected`: an annotator's edit
    overlaps the flag.
    """

    rule_id: str
    edit: Edit
    exact: bool
    detected: bool


@dataclass(frozen=True, slots=True)
class Scored:
    """One sentence's flags, and the edits of the annotator who agrees with them best."""

    flags: tuple[Flag, ...]
    gold: tuple[Edit, ...]
    found: tuple[Edit, ...]


def score_sentence(sentence: SpokenSentence, flags: Iterable[tuple[str, Edit]]) -> Scored:
    """Hold the flags (rule id, edit) of a sentence against its annotators.

    A flag may agree with any annotator. What is to be found is what one of them marked: the one most of whose
    edits were found, then the one with the fewest edits, as the M2 scorer chooses.
    """
    given = tuple(flags)
    every = [edit for edits in sentence.annotators for edit in edits]
    judged = tuple(
        Flag(rule, edit, any(edit.same(e) for e in every), any(edit.overlaps(e) for e in every))
        for rule, edit in given
    )
    matched = [
        tuple(gold for gold in edits if any(edit.same(gold) for _, edit in given))
        for edits in sentence.annotators
    ]
    best = max(
        range(len(matched)), key=lambda i: (len(matched[i]), -len(sentence.annotators[i]), -i), default=None
    )
    if best is None:
        return Scored(judged, (), ())
    return Scored(judged, sentence.annotators[best], matched[best])


def ratio(part: int, whole: int) -> float | None:
    """Return part / whole to four places, None where there is nothing to divide by."""
    return round(part / whole, 4) if whole else None


def f_beta(precision: float | None, recall: float | None, beta: float = _BETA) -> float | None:
    """Return F-beta, which weighs precision higher for a beta below 1; None without flags or gold."""
    if precision is None or recall is None:
        return None
    below = beta * beta * precision + recall
    return round((1 + beta * beta) * precision * recall / below, 4) if below else 0.0


def summarise(scored: Sequence[Scored]) -> dict[str, Any]:
    """Return the figures over all sentences; ratios are None where there is nothing to divide by.

    `per_category` counts by ERRANT type: edits to find, edits found exactly, flags raised under that type and
    how many of them are exact or overlap an edit. `per_rule` counts flags by rule.
    """
    flags = [flag for s in scored for flag in s.flags]
    gold = sum(len(s.gold) for s in scored)
    found = sum(len(s.found) for s in scored)
    exact = sum(f.exact for f in flags)
    p_exact, r_exact = ratio(exact, len(flags)), ratio(found, gold)
    return {
        "n": len(scored),
        "gold": gold,
        "flags": len(flags),
        "p_exact": p_exact,
        "p_det": ratio(sum(f.detected for f in flags), len(flags)),
        "r_exact": r_exact,
        "f05": f_beta(p_exact, r_exact),
        "per_category": _per_category(scored),
        "per_rule": _per_rule(flags),
    }


def _per_category(scored: Sequence[Scored]) -> dict[str, dict[str, int]]:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for sentence in scored:
        for edit in sentence.gold:
            counts[edit.category]["gold"] += 1
        for edit in sentence.found:
            counts[edit.category]["found"] += 1
        for flag in sentence.flags:
            counts[flag.edit.category].update(flags=1, exact=int(flag.exact), detected=int(flag.detected))
    keys = ("gold", "found", "flags", "exact", "detected")
    return {name: {key: counts[name][key] for key in keys} for name in sorted(counts)}


def _per_rule(flags: Iterable[Flag]) -> dict[str, dict[str, int]]:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for flag in flags:
        counts[flag.rule_id].update(flags=1, exact=int(flag.exact), detected=int(flag.detected))
    return {
        rule: {key: counts[rule][key] for key in ("flags", "exact", "detected")} for rule in sorted(counts)
    }
