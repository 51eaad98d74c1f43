"""What a session's analysis says should be trained: its mistakes, its sound habits, its weakest skills."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from app.services.hybrid_analyzer import Criterion, Finding, Severity
from app.services.pronunciation_engine import SoundPattern
from app.services.training_engine.cards import MAX_EXAMPLES, Example, Material, Weakness

MAX_SENTENCE_WORDS = 25
_EDGES = re.compile(r"(?<=[.!?])\s+")
_SEVERITY: Mapping[Severity, float] = {"low": 1.0, "medium": 2.0, "high": 3.0}
_LOAD: Mapping[str, float] = {"low": 1.0, "medium": 2.0, "high": 3.0}
_SKILL_WEIGHT = 1.5

SKILL_OF_STEP: Mapping[str, str] = {
    "longer_answers": "skill:expand",
    "linking": "skill:expand",
    "join_sentences": "skill:expand",
    "other_side": "skill:expand",
    "other_words": "skill:paraphrase",
    "exact_words": "skill:paraphrase",
    "shorter": "skill:paraphrase",
    "four_three_two": "skill:retell",
    "phrases": "skill:retell",
}
"""Which skill trains what an analysis advises, by the kind of its advice."""


class Said(NamedTuple):
    """The text of one of the learner's answers."""

    turn_id: str
    text: str


class _Wording(NamedTuple):
    title: str
    criterion: Criterion
    text: str
    text_uz: str


@cache
def _skills() -> Mapping[str, _Wording]:
    path = Path(__file__).with_name("data") / "skills.json"
    return {name: _Wording(**row) for name, row in json.loads(path.read_text(encoding="utf-8")).items()}


def weaknesses_of(
    session_id: str,
    *,
    answers: Sequence[Said],
    findings: Sequence[Finding],
    patterns: Sequence[SoundPattern] = (),
    advice: Sequence[str] = (),
    long_turn: bool = False,
) -> tuple[Weakness, ...]:
    """Return what the session showed, each rule, sound and skill once.

    `advice` are the kinds of the analysis's next steps; `long_turn` says that Part 2 should be rehearsed.
    Sounds come from patterns alone: a single word proves nothing.
    """
    texts = {answer.turn_id: answer.text for answer in answers}
    known = [finding for finding in findings if finding.turn_id in texts]
    by_rule: dict[str, list[Finding]] = {}
    for finding in known:
        by_rule.setdefault(finding.rule_id, []).append(finding)
    skills = dict.fromkeys(s for kind in advice if (s := SKILL_OF_STEP.get(kind)) is not None)
    if long_turn:
        skills["skill:long_turn"] = None
    return (
        *(_rule(session_id, group, texts, known) for group in by_rule.values()),
        *(_sound(session_id, pattern) for pattern in patterns),
        *(_skill(name) for name in skills),
    )


def _rule(
    session_id: str, group: Sequence[Finding], texts: Mapping[str, str], known: Sequence[Finding]
) -> Weakness:
    first = group[0]
    return Weakness(
        target=first.rule_id,
        kind="rule",
        criterion=first.criterion,
        material=Material(
            title=f"{first.quote} → {first.correction}",
            explanation=first.explanation,
            explanation_uz=first.explanation_uz,
            category=first.category,
            examples=tuple(_example(session_id, f, texts[f.turn_id], known) for f in group[:MAX_EXAMPLES]),
        ),
        count=len(group),
        weight=_SEVERITY[first.severity] * len(group),
    )


def _example(session_id: str, finding: Finding, text: str, known: Sequence[Finding]) -> Example:
    start, end = sentence_around(text, finding.char_start, finding.char_end)
    others = [
        f for f in known if f.turn_id == finding.turn_id and start <= f.char_start and f.char_end <= end
    ]
    better, better_at = corrected(text, start, end, [finding, *others])
    return Example(
        said=text[start:end],
        better=better,
        quote=finding.quote,
        correction=finding.correction,
        said_at=finding.char_start - start,
        better_at=better_at,
        session_id=session_id,
        finding_id=finding.id,
    )


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where the sentence around characters `start` to `end` begins and ends, without blanks.

    Speech is often one long sentence: words far from the stretch are left out, at most MAX_SENTENCE_WORDS
    stay.
    """
    edges = [0, *(m.end() for m in _EDGES.finditer(text)), len(text)]
    first = max(edge for edge in edges if edge <= start)
    last = min((edge for edge in edges if edge >= max(end, start + 1)), default=len(text))
    words = [(first + m.start(), first + m.end()) for m in re.finditer(r"\S+", text[first:last])]
    while len(words) > MAX_SENTENCE_WORDS:
        before = start - words[0][0]
        after = words[-1][1] - end
        if before <= 0 and after <= 0:
            break
        words = words[1:] if before >= after else words[:-1]
    if not words:
        return start, end
    return min(words[0][0], start), max(words[-1][1], end)


def corrected(text: str, start: int, end: int, findings: Sequence[Finding]) -> tuple[str, int]:
    """Return the stretch with the corrections put in, and where the first finding's own one begins in it.

    Of two findings that overlap the first one counts.
    """
    taken: list[Finding] = []
    for finding in findings:
        if all(finding.char_end <= t.char_start or finding.char_start >= t.char_end for t in taken):
            taken.append(finding)
    result, at, position = "", 0, start
    for finding in sorted(taken, key=lambda f: f.char_start):
        result += text[position : finding.char_start]
        if not finding.correction:
            result = result.rstrip()
        if finding is taken[0]:
            at = len(result)
        result += finding.correction
        position = finding.char_end
    return result + text[position:end], at


def _sound(session_id: str, pattern: SoundPattern) -> Weakness:
    words = {example.word.lower().strip(".,!?;:'\""): example for example in pattern.examples}
    return Weakness(
        target=pattern.rule_id,
        kind="sound",
        criterion="pronunciation",
        material=Material(
            title=pattern.name,
            explanation=f"{pattern.explanation} {pattern.drill_hint}".strip(),
            explanation_uz=f"{pattern.explanation_uz} {pattern.drill_hint_uz}".strip(),
            examples=tuple(
                Example(word, word, example.heard, example.expected, session_id=session_id)
                for word, example in words.items()
            ),
            pairs=pattern.minimal_pairs,
        ),
        count=pattern.count,
        weight=_LOAD[pattern.functional_load] * 2,
    )


def _skill(name: str) -> Weakness:
    wording = _skills()[name]
    return Weakness(
        target=name,
        kind="skill",
        criterion=wording.criterion,
        material=Material(wording.title, wording.text, wording.text_uz),
        weight=_SKILL_WEIGHT,
    )
