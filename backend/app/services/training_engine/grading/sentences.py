"""Grading an answer of one sentence: was the target there, was it right, was it prompt."""

from collections.abc import Sequence

from app.services.training_engine.drills import Drill, Target, likeness, normal_words, place_of
from app.services.training_engine.grading.speed import is_slow, pace_of
from app.services.training_engine.grading.types import Answer, AnswerRefused, Heard, Judgement, Reason
from app.services.training_engine.memory import PASSED, Grade

MIN_LIKENESS = 0.35
"""An answer of several words with less than this in common with the drill's sentences belongs elsewhere."""

WHOLE = 0.75
"""From this likeness to a right answer on, the rest of the sentence counts as said."""

FEW_WORDS = 3
_GAVE_UP = frozenset({"i do not know", "do not know", "pass", "skip", "no idea", "i have no idea"})


def judge_sentence(
    drill: Drill, answer: Answer, heard: Heard, target: str, paces: Sequence[int]
) -> Judgement:
    """Grade an answer to a drill that has right answers.

    `target` is the card's rule: the analyzer's own findings of it count as wrong. Raises AnswerRefused for an
    answer to something else.
    """
    text = heard.speech.text
    words = normal_words(text)
    if " ".join(words) in _GAVE_UP:
        return Judgement(0, "gave_up", 1, 0, text, drill.expected[0])
    closeness = max(likeness(words, normal_words(known)) for known in drill.expected)
    belongs = max(closeness, likeness(words, normal_words(drill.text))) >= MIN_LIKENESS
    if len(words) > FEW_WORDS and not belongs:
        raise AnswerRefused(
            "answer_of_another_task", f"This answers something else; the task is: {drill.text}"
        )
    pace = pace_of(answer, heard, len(words)) if len(words) > FEW_WORDS else None
    grade, reason = _wrong_or_mended(drill, heard, target, closeness) or _prompt(answer, pace, paces)
    return Judgement(
        grade=grade,
        reason=reason,
        required=1,
        correct=int(grade >= PASSED),
        text=text,
        better=drill.expected[0],
        pace_ms=pace if answer.spoken and grade >= PASSED else None,
        findings=heard.language.findings,
    )


def _wrong_or_mended(
    drill: Drill, heard: Heard, target: str, closeness: float
) -> tuple[Grade, Reason] | None:
    """Return 1 or 2 for a wrong target, 3 for one mended or among other mistakes, None for neither."""
    words = normal_words(heard.speech.text)
    right, wrong = _last(words, drill.right), _last(words, drill.wrong)
    alone = drill.type == "gap" and any(words == t.core for t in drill.right)
    broken = any(finding.rule_id == target for finding in heard.language.findings)
    if (right is None and not alone) or broken or (wrong or -1) > (right or 0):
        return (2, "target_wrong") if closeness >= WHOLE else (1, "target_and_more_wrong")
    if wrong is not None:
        return 3, "self_corrected"
    return None if alone or closeness >= WHOLE else (3, "right_with_other_mistakes")


def _prompt(answer: Answer, pace: int | None, paces: Sequence[int]) -> tuple[Grade, Reason]:
    """Return 5 for a right answer that came promptly, 4 for one that was slow or cannot be timed."""
    if pace is None:
        return 4, "right_untimed"
    return (4, "right_but_slow") if is_slow(answer, pace, paces) else (5, "right")


def _last(words: Sequence[str], targets: Sequence[Target]) -> int | None:
    """Return where one of the targets was last said, None where none was."""
    return max((at for t in targets if (at := place_of(words, t)) is not None), default=None)
