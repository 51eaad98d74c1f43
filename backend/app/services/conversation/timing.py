"""The limits of an exam, in milliseconds of exam time."""

from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, Self

from app.services.conversation.exam_types import Mode

ClockName = Literal["standard", "short"]


@dataclass(frozen=True, slots=True)
class ExamTiming:
    """How long everything may take. `name` is stated to the learner, so that a shortened exam never poses
    as a whole one."""

    name: ClockName
    part1_min_ms: int
    """From here on Part 1 ends at the next question boundary."""
    part1_max_ms: int
    preparation_ms: int
    talk_ms: int
    talk_prompt_before_ms: int
    """A talk that stops before this gets one prompt."""
    part2_max_ms: int
    part3_min_ms: int
    """From here on Part 3 ends at the next question boundary."""
    part3_max_ms: int
    hard_stop_ms: int = 840_000
    no_answer_ms: int = 7_000
    """Silence after a question that counts as no answer."""
    talk_silence_ms: int = 9_000
    opening_answer_ms: int = 20_000
    part1_answer_ms: int = 45_000
    rounding_answer_ms: int = 30_000
    part3_answer_ms: int = 90_000
    unanswered_limit: int = 4
    """So many questions in a row without a word end the exam."""
    practice_answer_ms: int = 300_000
    """An answer in practice has no time limit; one that runs on for ever has."""
    review_ms: int = 60_000
    """After an answer in practice the next question comes by itself when nothing was chosen by then."""
    transcript_wait_ms: int = 20_000
    """An answer whose transcript has not come by then counts as empty, so that the exam goes on."""

    @classmethod
    def standard(cls) -> Self:
        """The clock of the real test: 4-5 minutes, 3-4 minutes, 4-5 minutes, 14 at most."""
        return cls(
            name="standard",
            part1_min_ms=240_000,
            part1_max_ms=300_000,
            preparation_ms=60_000,
            talk_ms=120_000,
            talk_prompt_before_ms=60_000,
            part2_max_ms=240_000,
            part3_min_ms=240_000,
            part3_max_ms=300_000,
        )

    @classmethod
    def short(cls) -> Self:
        """A shortened clock for demonstrations: 3 s of preparation, a talk of 30 s at most."""
        return cls(
            name="short",
            part1_min_ms=90_000,
            part1_max_ms=120_000,
            preparation_ms=3_000,
            talk_ms=30_000,
            talk_prompt_before_ms=10_000,
            part2_max_ms=75_000,
            part3_min_ms=90_000,
            part3_max_ms=120_000,
        )

    @classmethod
    def named(cls, name: ClockName) -> Self:
        """Return the clock of that name."""
        return cls.short() if name == "short" else cls.standard()

    @classmethod
    @cache
    def of(cls, mode: Mode, name: ClockName) -> Self:
        """Return the clock of that name for a mode; in practice it does not press."""
        timing = cls.named(name)
        if mode is not Mode.PRACTICE:
            return timing
        return replace(
            timing,
            talk_ms=timing.practice_answer_ms,
            hard_stop_ms=3_600_000,
            no_answer_ms=20_000,
            review_ms=10_000 if name == "short" else timing.review_ms,
        )
