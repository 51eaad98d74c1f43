"""Long computations in short steps, between which more urgent work may go first."""

from collections.abc import Generator
from typing import TypeAlias, TypeVar

T = TypeVar("T")

Steps: TypeAlias = Generator[None, None, T]
"""A computation that pauses at every `yield` and returns a T."""


def next_step(steps: Steps[T]) -> T | None:
    """Compute as far as the next pause; return the result once it is there, None before."""
    try:
        next(steps)
    except StopIteration as done:
        result: T = done.value
        return result
    return None


def at_once(steps: Steps[T]) -> T:
    """Compute without a pause."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            result: T = done.value
            return result
