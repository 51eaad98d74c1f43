"""Analyses as stored: for their learner to read, and for the workers that make them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from app.services.finding_feedback import Verdict
from app.services.hybrid_analyzer.findings import Finding
from app.services.job_queue import Job, JobStatus
from app.services.session_store import NewEvent, SessionMode, SessionRecord, TurnRecord
from app.services.training_engine import Weakness


@dataclass(frozen=True, slots=True)
class AnalysisView:
    """An analysis as its learner sees it; `progress` is a percentage.

    `verdicts` are the learner's own words on findings, by the finding's id.
    """

    id: UUID
    session_id: UUID
    status: JobStatus
    progress: int
    method_version: str | None
    result: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    findings: Sequence[Finding] = ()
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)


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


class AnalysisDesk(Protocol):
    """What a worker reads and writes for an analysis. Writing raises LeaseLost once the job is not its any
    more."""

    async def material(self, session_id: UUID) -> StoredMaterial | None:
        """Return what there is to analyse, or None when the session was erased."""
        ...

    async def put_transcript(self, job: Job, turn: TurnRecord) -> None:
        """Store what was understood of an answer later. Raises LeaseLost."""
        ...

    async def complete(
        self,
        job: Job,
        *,
        method_version: str,
        result: dict[str, Any],
        findings: Sequence[Finding],
        event: NewEvent,
        weaknesses: Sequence[Weakness] = (),
    ) -> int:
        """Store the result, its findings and the event and end the job, in one transaction.

        What is to be trained becomes the learner's cards in the same transaction, once a session.

        Return the event's `seq`. Raises LeaseLost.
        """
        ...
