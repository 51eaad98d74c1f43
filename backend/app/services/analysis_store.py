"""Analyses as stored: for the learner to read, and for workers as jobs with a lease.

The row is the job. It is written in the transaction that ends the session; a queue may hurry it, never own
it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from app.services.hybrid_analyzer.findings import Finding
from app.services.session_archive import AnalysisStatus
from app.services.session_store import NewEvent, SessionMode, SessionRecord, TurnRecord
from app.services.training_engine import Weakness


class LeaseLost(Exception):
    """The job is no longer this worker's: its lease ran out, or the learner erased the session."""


@dataclass(frozen=True, slots=True)
class AnalysisView:
    """An analysis as its learner sees it; `progress` is a percentage."""

    id: UUID
    session_id: UUID
    status: AnalysisStatus
    progress: int
    method_version: str | None
    result: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    findings: Sequence[Finding] = ()


@dataclass(frozen=True, slots=True)
class AnalysisJob:
    """An analysis that a worker holds until `lease_until`. `attempt` counts from 1."""

    id: UUID
    session_id: UUID
    user_id: UUID
    attempt: int
    lease_owner: str
    lease_until: datetime


@dataclass(frozen=True, slots=True)
class EarlierAnalysis:
    """A finished analysis of an earlier session; `mistakes` counts its findings by rule."""

    session_id: UUID
    ended_at: datetime | None
    mode: SessionMode
    method_version: str
    result: dict[str, Any]
    mistakes: dict[str, int]


@dataclass(frozen=True, slots=True)
class StoredMaterial:
    """What there is to analyse: the session, its turns in order, and what came before, newest first."""

    session: SessionRecord
    turns: Sequence[TurnRecord]
    earlier: Sequence[EarlierAnalysis] = ()


class AnalysisArchive(Protocol):
    """Analyses as their learner reads them."""

    async def of_session(self, user_id: UUID, session_id: UUID) -> AnalysisView | None:
        """Return the session's analysis with its findings in order of their place, or None."""
        ...


class AnalysisJobs(Protocol):
    """Analyses as work to do. Every change after `claim` is refused with LeaseLost once the lease is gone."""

    @property
    def max_attempts(self) -> int:
        """How often a job is tried before it is parked."""
        ...

    async def claim(self, worker: str, *, lease_s: float) -> AnalysisJob | None:
        """Take a job that is due: one whose worker let its lease run out, else a queued one.

        No learner's many jobs keep another's waiting.

        A job whose `attempt` is above `max_attempts` has killed its workers; end it with `fail`.
        """
        ...

    async def due(self) -> int:
        """Return how many jobs `claim` could hand out now, or a bound if there are more."""
        ...

    async def heartbeat(self, job: AnalysisJob, *, lease_s: float, progress: int) -> AnalysisJob:
        """Hold the job for `lease_s` more seconds and say how far it is (percent). Raises LeaseLost."""
        ...

    async def material(self, session_id: UUID) -> StoredMaterial | None:
        """Return what there is to analyse, or None when the session was erased."""
        ...

    async def put_transcript(self, job: AnalysisJob, turn: TurnRecord) -> None:
        """Store what was understood of an answer later. Raises LeaseLost."""
        ...

    async def complete(
        self,
        job: AnalysisJob,
        *,
        method_version: str,
        result: dict[str, Any],
        findings: Sequence[Finding],
        event: NewEvent,
        weaknesses: Sequence[Weakness] = (),
    ) -> int:
        """Store the result, its findings and the event in one transaction; return the event's `seq`.

        What is to be trained becomes the learner's cards in the same transaction, once a session.

        Raises LeaseLost.
        """
        ...

    async def fail(self, job: AnalysisJob, error: str, *, event: NewEvent) -> int | None:
        """Put the job back for a later attempt, or, after the last one, park it as failed.

        Return the `seq` of `event`, which is stored only with a parked job, or None when it will be tried
        again. Raises LeaseLost.
        """
        ...
