"""The review log is the truth: a card's memory can always be made again from it."""

from collections.abc import Iterable

from app.services.training_engine.memory import Memory, Review, Scheduler


def replay(scheduler: Scheduler, reviews: Iterable[Review]) -> Memory:
    """Return the memory after `reviews`, oldest first: to switch algorithms or to repair what is damaged."""
    memory = scheduler.new()
    for review in reviews:
        memory = scheduler.review(memory, review)
    return memory
