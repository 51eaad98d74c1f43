"""Booking a review on a card: its new memory, when it comes back, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from app.services.training_engine.cards import Card
from app.services.training_engine.memory import PASSED, Memory, Review, Scheduler
from app.services.training_engine.replay import replay


@dataclass(frozen=True, slots=True)
class Booked:
    """A card after a review. `predicted` is the recall that was expected before it, None for the first."""

    card: Card
    predicted: float | None


def book(card: Card, earlier: Sequence[Review], scheduler: Scheduler, review: Review) -> Booked:
    """Return the card after `review`.

    `earlier` are the card's reviews, oldest first; they are read where another scheduler kept its memory.
    """
    memory = current(card.memory, earlier, scheduler)
    predicted = scheduler.recall(memory, review.day) if memory.last_day is not None else None
    return Booked(
        replace(remembered(card, scheduler.review(memory, review)), reviews=card.reviews + 1), predicted
    )


def rebooked(card: Card, reviews: Sequence[Review], scheduler: Scheduler, *, today: date) -> Card:
    """Return the card as its log says: after an undo, another grade, or a change of scheduler."""
    again = remembered(card, replay(scheduler, reviews))
    return replace(again, reviews=len(reviews), due=again.memory.due or today)


def current(memory: Memory, earlier: Sequence[Review], scheduler: Scheduler) -> Memory:
    """Return the memory as `scheduler` keeps it: replayed from the log where another one kept it."""
    return memory if memory.algorithm == scheduler.algorithm else replay(scheduler, earlier)


def remembered(card: Card, memory: Memory) -> Card:
    """Return the card with this memory, due when the memory says."""
    return replace(card, memory=memory, due=memory.due or card.due)


def why(memory: Memory, grade: int) -> str:
    """Say in a sentence or two why the card comes back when it does."""
    if memory.again_today:
        lead = "Wrong" if grade < PASSED else "Right, with difficulty"
        return f"{lead}: it comes back today, until it is answered well."
    days = memory.interval_days
    rest = "tomorrow" if days == 1 else f"in {days} days"
    if grade < PASSED:
        return f"Wrong: it comes back {rest}."
    times = memory.repetitions
    right = "Right" if times == 1 else f"Right {times} times in a row"
    match memory.algorithm:
        case "sm2":
            reason = f"SM-2, ease {(memory.ease_percent or 0) / 100:.2f}"
        case "fsrs":
            reason = f"FSRS, expected to be remembered for about {memory.stability or 0:.0f} days"
    return f"{right}: it comes back {rest} ({reason})."
