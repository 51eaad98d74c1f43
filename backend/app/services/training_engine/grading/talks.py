"""Grading free speech: longer answers, other words, retelling, the long turn."""

from collections import Counter
from collections.abc import Sequence

from app.services.training_engine.drills import Drill, normal_words
from app.services.training_engine.grading.speed import pace_of, usual
from app.services.training_engine.grading.types import Answer, Heard, Judgement, Reason
from app.services.training_engine.memory import PASSED, Grade
from app.services.training_engine.structures import SHOWN_BY

FASTER, SAME, SLOWER = 0.9, 1.1, 1.5
"""Against the learner's own median time for a word."""

_REPEATED: tuple[tuple[float, Grade], ...] = ((0.2, 5), (0.35, 4), (0.5, 3))
"""The most content words of the sentence that may be said again."""

_LONG_TURN_MS: tuple[tuple[int, Grade], ...] = ((90_000, 5), (60_000, 4), (45_000, 3), (20_000, 2))
_CLAUSES = frozenset({"adverbial_clause", "complement_clause", "relative_clause", "conditional"})
_STEM = 4
_SMALL = frozenset((
    "that", "this", "with", "from", "have", "been", "were", "when", "than", "then", "them", "they", "there",
    "their", "your", "what", "which", "because", "into", "over", "about", "some", "very", "much", "many",
    "more", "most", "only", "also", "just",
))  # fmt: skip


def judge_expand(drill: Drill, heard: Heard, target: str) -> Judgement:
    """Grade a longer answer: by the card's structure where it has one, else by length and linking."""
    text, words = heard.speech.text, heard.language.words
    findings = heard.language.findings
    wrong = sum(finding.rule_id == target for finding in findings)
    shown = SHOWN_BY.get(drill.structure) if drill.structure else None
    uses = sum(mention.kind in shown for mention in heard.language.structures) if shown else wrong
    required = max(uses, wrong)
    grade: Grade
    reason: Reason
    if words < drill.min_words // 2:
        grade, reason = 1, "too_short"
    elif wrong:
        grade, reason = 2, "target_wrong"
    elif shown and not uses:
        grade, reason = 1, "target_not_used"
    else:
        grade, reason = _linked(drill, heard)
    return Judgement(
        grade,
        reason,
        required,
        required - wrong,
        text,
        findings=findings,
        not_judged=() if shown or not drill.structure else ("right_uses_of_the_target",),
    )


def _linked(drill: Drill, heard: Heard) -> tuple[Grade, Reason]:
    """Grade by what makes an answer long: enough words, two different links, a subordinate clause."""
    language = heard.language
    points = (
        (language.words >= drill.min_words)
        + (len({mention.kind for mention in language.markers}) >= 2)
        + any(mention.kind in _CLAUSES for mention in language.structures)
    )
    match points:
        case 3:
            return 5, "right"
        case 2:
            return 4, "right"
        case 1:
            return 3, "little_linked"
        case _:
            return 2, "too_short"


def judge_paraphrase(drill: Drill, heard: Heard) -> Judgement:
    """Grade other words by how few content words of the sentence are said again; meaning is not judged."""
    text = heard.speech.text
    source, said = _stems(drill.text), Counter(_stems(text))
    repeated = sum(stem in said for stem in source)
    share = repeated / len(source) if source else 0.0
    grade: Grade = next((grade for most, grade in _REPEATED if share <= most), 2)
    reason: Reason = "right" if grade >= PASSED else "repeated_words"
    if len(normal_words(text)) < max(drill.min_words, len(normal_words(drill.text)) // 2):
        grade, reason = 1, "too_short"
    return Judgement(
        grade,
        reason,
        len(source),
        len(source) - repeated if reason != "too_short" else 0,
        text,
        findings=heard.language.findings,
        not_judged=("meaning",),
    )


def judge_retell(drill: Drill, answer: Answer, heard: Heard, paces: Sequence[int]) -> Judgement:
    """Grade a retelling by its pace against the learner's own, once half of the time is filled."""
    assert drill.seconds is not None
    text = heard.speech.text
    pace = pace_of(answer, heard, len(normal_words(text)))
    grade: Grade
    reason: Reason
    if pace is None or heard.speech.speech_ms < drill.seconds * 1000 // 2:
        grade, reason = 1, "too_short"
    else:
        ratio = pace / usual(paces)
        grade = 5 if ratio <= FASTER else 4 if ratio <= SAME else 3 if ratio <= SLOWER else 2
        reason = "right" if grade > PASSED else "slower_than_usual"
    return Judgement(
        grade,
        reason,
        1,
        int(grade >= PASSED),
        text,
        pace_ms=pace if grade >= PASSED else None,
        findings=heard.language.findings,
        not_judged=("whether_it_was_the_same_story",),
    )


def judge_long_turn(heard: Heard) -> Judgement:
    """Grade the long turn by how long the learner speaks: 90 s and more 5, a minute 4."""
    spoken = heard.speech.speech_ms
    grade: Grade = next((grade for least, grade in _LONG_TURN_MS if spoken >= least), 1)
    return Judgement(
        grade,
        "right" if grade >= PASSED else "too_short",
        1,
        int(grade >= PASSED),
        heard.speech.text,
        findings=heard.language.findings,
        not_judged=("whether_every_point_was_touched",),
    )


def _stems(text: str) -> list[str]:
    """Return the first letters of the words that carry meaning, by which a word's forms are matched."""
    found = [w[:_STEM] for w in normal_words(text) if len(w) >= _STEM and w not in _SMALL]
    return list(dict.fromkeys(found))
