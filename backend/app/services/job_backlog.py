"""How far the workers are behind, seen from the queue: nobody has to ask them."""

from dataclasses import dataclass
from typing import Protocol

from app.services.job_queue import JobKind

LATE_S = 60.0
"""A job that is due for longer than this while no worker holds one of any kind: there is no worker."""


@dataclass(frozen=True, slots=True)
class KindBacklog:
    """The jobs of one kind: how many are due, for how many seconds the oldest is, how many are in hand."""

    kind: JobKind
    due: int
    oldest_due_s: float
    running: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """The jobs of every kind."""

    kinds: tuple[KindBacklog, ...]

    @property
    def due(self) -> int:
        """How many wait."""
        return sum(each.due for each in self.kinds)

    @property
    def oldest_due_s(self) -> float:
        """How long the one that waits longest was due; 0 without any."""
        return max((each.oldest_due_s for each in self.kinds), default=0.0)

    @property
    def running(self) -> int:
        """How many are in hand of a worker that keeps its lease."""
        return sum(each.running for each in self.kinds)

    @property
    def attended(self) -> bool:
        """Whether somebody does the jobs, as far as can be seen from here."""
        return self.running > 0 or self.oldest_due_s <= LATE_S


class BacklogSource(Protocol):
    """Where the queue can be looked at."""

    async def backlog(self) -> Backlog:
        """Return how far the workers are behind. Raises StorageUnavailable."""
        ...
