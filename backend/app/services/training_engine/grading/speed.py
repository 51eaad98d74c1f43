"""How fast an answer came, held against the learner's own median."""

from collections.abc import Sequence
from statistics import median

from app.services.training_engine.grading.types import Answer, Heard

SLOW = 1.5
"""An answer that takes this many times the learner's median is right, but not prompt."""

MIN_PACES = 5
USUAL_SPOKEN_MS = 900
"""For a word, the wait before the answer included, until the learner has MIN_PACES answers of their own."""

USUAL_TYPED_MS = 2_000


def pace_of(answer: Answer, heard: Heard | None, words: int) -> int | None:
    """Return the milliseconds that a word took, from the start of the recording; None where unknown."""
    if not words:
        return None
    if heard is not None and answer.spoken:
        last = max((w.end_ms for w in heard.speech.words), default=0)
        return last // words or None
    return None if answer.elapsed_ms is None else answer.elapsed_ms // words


def is_slow(answer: Answer, pace_ms: int, paces: Sequence[int]) -> bool:
    """Whether it was slow: for speech against the learner's own median, for writing against a usual pace."""
    return pace_ms > SLOW * (usual(paces) if answer.spoken else USUAL_TYPED_MS)


def usual(paces: Sequence[int]) -> float:
    """Return the learner's own median of spoken answers, or the usual pace while there are few."""
    return median(paces) if len(paces) >= MIN_PACES else USUAL_SPOKEN_MS
