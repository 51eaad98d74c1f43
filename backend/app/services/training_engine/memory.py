"""What a scheduler remembers of one card, and what schedulers have in common."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, Protocol, Self

import msgspec

Grade = Literal[0, 1, 2, 3, 4, 5]
"""5 perfect, 4 right after hesitation, 3 right with serious difficulty, 2 wrong though it seemed easy,
1 wrong but remembered when seen, 0 nothing (Wozniak's scale)."""

Algorithm = Literal["sm2", "fsrs"]

PASSED: Grade = 3
"""From this grade on the answer was right."""

_Count = Annotated[int, msgspec.Meta(ge=0)]


class DamagedMemory(ValueError):
    """A stored memory cannot be read: replay the card's reviews instead."""


@dataclass(frozen=True, slots=True)
class Memory:
    """One card as a scheduler sees it. Days are the learner's own.

    `due` is None until the first review. `repetitions` counts right answers in a row, `lapses` wrong ones
    after a right one. `ease_percent` is SM-2's factor in hundredths; `stability` (days) and `difficulty`
    (1-10) are FSRS's. While `again_today` holds, the card comes back on the day it was graded below 4.
    """

    algorithm: Algorithm
    due: date | None = None
    last_day: date | None = None
    interval_days: _Count = 0
    repetitions: _Count = 0
    lapses: _Count = 0
    ease_percent: int | None = None
    stability: float | None = None
    difficulty: float | None = None
    again_today: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        built: dict[str, Any] = msgspec.to_builtins(self)
        return built

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read what `to_json` made. Raises DamagedMemory."""
        try:
            return msgspec.convert(data, cls)
        except msgspec.ValidationError as damage:
            raise DamagedMemory(str(damage)) from damage


@dataclass(frozen=True, slots=True)
class Review:
    """One graded answer, on a day of the learner's."""

    day: date
    grade: Grade


class Scheduler(Protocol):
    """Decides when a card comes back. Pure: the same memory and review give the same result."""

    @property
    def algorithm(self) -> Algorithm:
        """Which algorithm it is."""
        ...

    def new(self) -> Memory:
        """Return the memory of a card that was never reviewed."""
        ...

    def review(self, memory: Memory, review: Review) -> Memory:
        """Return the memory after a review.

        A day before the last review's (a clock set back) counts as that day.
        """
        ...

    def recall(self, memory: Memory, day: date) -> float:
        """Return the probability (0-1) that the learner would be right on `day`; 0 for a new card."""
        ...


def not_before(memory: Memory, day: date) -> date:
    """Return `day`, or the day of the last review where `day` lies before it."""
    return day if memory.last_day is None else max(day, memory.last_day)
