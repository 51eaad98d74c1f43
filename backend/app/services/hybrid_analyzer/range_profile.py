"""Grammatical range over several answers: units, clauses, and the variety of verb forms."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.services.hybrid_analyzer.as_units import SUBORDINATE, ClauseKind
from app.services.hybrid_analyzer.findings import Finding
from app.services.hybrid_analyzer.reading import Reading
from app.services.hybrid_analyzer.verb_groups import is_clause_head, modality, verb_group

_PASSIVE = "passive"
_KINDS: tuple[ClauseKind, ...] = ("relative", "adverbial", "complement", "non_finite", "coordinated")


@dataclass(frozen=True, slots=True)
class SpokenUnit:
    """An AS-unit in an answer: its stretches of characters (end exclusive), words, and clauses by kind."""

    spans: tuple[tuple[int, int], ...]
    words: int
    clauses: Mapping[ClauseKind, int]

    def holds(self, finding: Finding) -> bool:
        """Whether a finding of the same answer lies in the unit, at least in part."""
        return any(finding.char_start < end and start < finding.char_end for start, end in self.spans)


@dataclass(frozen=True, slots=True)
class VerbForms:
    """How often each tense and aspect, the passive, and each modal verb is used."""

    forms: Mapping[str, int] = field(default_factory=dict)
    modals: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GrammarRange:
    """Range over several answers; ratios are None without a unit or a clause.

    `clauses_per_unit` counts main and subordinate clauses, `subordination_ratio` (0-1) is the subordinate
    ones among them, `words_per_unit` the mean length of an AS-unit, `words_per_clause` of a clause.
    `clause_kinds` counts subordinate clauses by kind, and `coordinated` verb phrases. `error_free_unit_ratio`
    (0-1) is the share of units without a finding; as most mistakes go unseen, the true share is lower.
    """

    units: int
    subordinate_clauses: int
    clauses_per_unit: float | None
    subordination_ratio: float | None
    words_per_unit: float | None
    words_per_clause: float | None
    error_free_unit_ratio: float | None
    clause_kinds: Mapping[ClauseKind, int]
    verb_forms: Mapping[str, int]
    verb_form_types: int
    modals: Mapping[str, int]
    modal_types: int


def count_verb_forms(reading: Reading) -> VerbForms:
    """Count the forms of the finite verbs of an answer."""
    forms: Counter[str] = Counter()
    modals: Counter[str] = Counter()
    for token in reading:
        if not is_clause_head(token):
            continue
        group = verb_group(reading, token)
        if group.form is not None:
            forms[group.form] += 1
        if group.passive:
            forms[_PASSIVE] += 1
        modals.update(modality(reading, group))
    return VerbForms(dict(forms), dict(modals))


def grammar_range(
    answers: Sequence[tuple[Sequence[SpokenUnit], VerbForms, Sequence[Finding]]],
) -> GrammarRange:
    """Sum up answers, each given as its units, its verb forms and the findings about its language."""
    units = [unit for found, _, _ in answers for unit in found]
    kinds: Counter[ClauseKind] = Counter()
    for unit in units:
        kinds.update(unit.clauses)
    forms: Counter[str] = Counter()
    modals: Counter[str] = Counter()
    for _, verbs, _ in answers:
        forms.update(verbs.forms)
        modals.update(verbs.modals)
    words = sum(unit.words for unit in units)
    subordinate = sum(kinds[kind] for kind in SUBORDINATE)
    clauses = kinds["main"] + subordinate
    free = sum(not any(unit.holds(f) for f in findings) for found, _, findings in answers for unit in found)
    return GrammarRange(
        units=len(units),
        subordinate_clauses=subordinate,
        clauses_per_unit=_ratio(clauses, len(units), 2),
        subordination_ratio=_ratio(subordinate, clauses, 3),
        words_per_unit=_ratio(words, len(units), 1),
        words_per_clause=_ratio(words, clauses, 1),
        error_free_unit_ratio=_ratio(free, len(units), 3),
        clause_kinds={kind: kinds[kind] for kind in _KINDS},
        verb_forms=dict(sorted(forms.items())),
        verb_form_types=len(forms),
        modals=dict(sorted(modals.items())),
        modal_types=len(modals),
    )


def _ratio(amount: int, base: int, digits: int) -> float | None:
    return round(amount / base, digits) if base else None
