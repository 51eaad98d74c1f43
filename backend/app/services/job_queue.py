"""Jobs: work that a session has caused and that is done later, by whichever worker is free.

A job is a row, written in the transaction that causes it; there is one of a kind for a session. One queue
holds all kinds, so that one order, one fairness and one place to look count for all of them.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol
from uuid import UUID

from app.services.session_store import NewEvent

JobStatus = Literal["queued", "running", "done", "failed"]


class JobKind(StrEnum):
    """What is to be done; the value is what the row says."""

    ANALYSIS = "analysis"
    PDF = "pdf"
    AUDIO_CLEANUP = "audio_cleanup"


PATIENT = frozenset({JobKind.AUDIO_CLEANUP})
"""Kinds that nobody waits for: done when nothing else is due."""


class LeaseLost(Exception):
    """The job is no longer this worker's: its lease ran out, or the learner erased the session."""


class SessionErased(Exception):
    """The learner has erased the session of the job: there is nothing to do any more."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job that a worker holds until `lease_until`. `attempt` counts from 1."""

    id: UUID
    kind: JobKind
    session_id: UUID
    user_id: UUID
    attempt: int
    lease_owner: str
    lease_until: datetime


class JobQueue(Protocol):
    """The queue as workers see it. Every change after `claim` is refused with LeaseLost once the lease is
    gone; what ends a job well is the storage of its result, in the same transaction."""

    @property
    def max_attempts(self) -> int:
        """How often a job is tried before it is parked."""
        ...

    async def claim(self, worker: str, kinds: frozenset[JobKind], *, lease_s: float) -> Job | None:
        """Take a job of these kinds that is due: one whose worker let its lease run out, else a queued one.

        No learner's many jobs keep another's waiting, and PATIENT ones nobody's.

        A job whose `attempt` is above `max_attempts` has killed its workers; end it with `fail`.
        """
        ...

    async def due(self, kinds: frozenset[JobKind]) -> int:
        """Return how many jobs `claim` could hand out now, or a bound if there are more."""
        ...

    async def heartbeat(self, job: Job, *, lease_s: float, progress: int) -> Job:
        """Hold the job for `lease_s` more seconds and say how far it is (percent). Raises LeaseLost."""
        ...

    async def fail(self, job: Job, error: str, *, event: NewEvent | None) -> bool:
        """Put the job back for a later attempt, or, after the last one, park it as failed.

        Return whether it is parked; `event`, what the learner is told then, is stored with it. Raises
        LeaseLost.
        """
        ...
