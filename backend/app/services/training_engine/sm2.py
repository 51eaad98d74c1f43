"""SM-2 as published (Wozniak 1990, "Application of a computer to improve the results obtained in working with
the SuperMemo method").
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from app.services.training_engine.memory import PASSED, Algorithm, Grade, Memory, Review, not_before

FIRST_EASE = 250
LOWEST_EASE = 130
FIRST_INTERVAL_DAYS = 1
SECOND_INTERVAL_DAYS = 6
MAX_INTERVAL_DAYS = 36_500
"""A century; beyond it dates run out, and no learner cares."""

GOOD: Grade = 4
_EASE_CHANGE: dict[Grade, int] = {5: 10, 4: 0, 3: -14}
_RECALL_AT_DUE = 0.9


@dataclass(frozen=True, slots=True)
class Sm2:
    """SM-2. The factor is kept in hundredths, so that intervals do not depend on floating point.

    `multiplies` says which factor the interval takes: the one after this review's change (`new`, as most
    programs do) or the one before (`old`); the publication can be read either way.
    """

    multiplies: Literal["new", "old"] = "new"

    @property
    def algorithm(self) -> Algorithm:
        """Which algorithm it is."""
        return "sm2"

    def new(self) -> Memory:
        """Return the memory of a card that was never reviewed."""
        return Memory("sm2", ease_percent=FIRST_EASE)

    def review(self, memory: Memory, review: Review) -> Memory:
        """Return the memory after a review.

        A wrong answer (below 3) starts the intervals again and leaves the factor alone. A card graded below 4
        is repeated on the same day until it gets a 4; those repeats change nothing else.
        """
        day = not_before(memory, review.day)
        if memory.again_today and day == memory.last_day:
            return self._repeated(memory, review.grade)
        ease = memory.ease_percent if memory.ease_percent is not None else FIRST_EASE
        right = review.grade >= PASSED
        changed = max(LOWEST_EASE, ease + _EASE_CHANGE[review.grade]) if right else ease
        repetitions = memory.repetitions + 1 if right else 0
        interval = _interval(repetitions, memory.interval_days, changed if self.multiplies == "new" else ease)
        again = review.grade < GOOD
        return replace(
            memory,
            due=day if again else day + timedelta(days=interval),
            last_day=day,
            interval_days=interval,
            repetitions=repetitions,
            lapses=memory.lapses + (not right and memory.repetitions > 0),
            ease_percent=changed,
            again_today=again,
        )

    def recall(self, memory: Memory, day: date) -> float:
        """Return the probability of a right answer on `day`.

        SM-2 makes no such prediction; its intervals are taken to end where recall has fallen to 0.9, and to
        fall exponentially, as is usual when it is compared with other algorithms.
        """
        if memory.last_day is None or not memory.interval_days:
            return 0.0
        elapsed = max(0, (day - memory.last_day).days)
        return float(_RECALL_AT_DUE ** (elapsed / memory.interval_days))

    def _repeated(self, memory: Memory, grade: Grade) -> Memory:
        if grade < GOOD or memory.last_day is None:
            return memory
        return replace(memory, due=memory.last_day + timedelta(days=memory.interval_days), again_today=False)


def _interval(repetitions: int, last: int, ease_percent: int) -> int:
    match repetitions:
        case 0 | 1:
            return FIRST_INTERVAL_DAYS
        case 2:
            return SECOND_INTERVAL_DAYS
        case _:
            return min(MAX_INTERVAL_DAYS, -(-last * ease_percent // 100))
