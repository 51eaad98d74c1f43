"""Analyses as jobs, in memory: one lease at a time, everything that happens written down."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from app.services.analysis_store import AnalysisJob, LeaseLost, StoredMaterial
from app.services.errors import StorageUnavailable
from app.services.hybrid_analyzer import Finding
from app.services.session_store import NewEvent, TurnRecord
from app.services.training_engine import Weakness


def a_job(session_id: UUID, *, attempt: int = 1) -> AnalysisJob:
    """A job as it is claimed."""
    return AnalysisJob(uuid4(), session_id, uuid4(), attempt, "tester", datetime(2030, 1, 1, tzinfo=UTC))


@dataclass
class MemoryQueue:
    """Implements AnalysisJobs. Set `unavailable` or `lost` to have the store fail."""

    waiting: list[AnalysisJob] = field(default_factory=list)
    materials: dict[UUID, StoredMaterial] = field(default_factory=dict)
    max_attempts: int = 3
    unavailable: int = 0
    lost: bool = False
    claims: int = 0
    heartbeats: list[int] = field(default_factory=list)
    completed: list[tuple[AnalysisJob, dict[str, Any], Sequence[Finding], NewEvent]] = field(
        default_factory=list
    )
    transcripts: list[TurnRecord] = field(default_factory=list)
    failed: list[tuple[AnalysisJob, str, NewEvent]] = field(default_factory=list)

    async def claim(self, worker: str, *, lease_s: float) -> AnalysisJob | None:
        """Hand out the job that has waited longest."""
        self.claims += 1
        if self.unavailable:
            self.unavailable -= 1
            raise StorageUnavailable("down")
        return replace(self.waiting.pop(0), lease_owner=worker) if self.waiting else None

    async def due(self) -> int:
        """Count what waits."""
        if self.unavailable:
            raise StorageUnavailable("down")
        return len(self.waiting)

    async def heartbeat(self, job: AnalysisJob, *, lease_s: float, progress: int) -> AnalysisJob:
        """Note the progress."""
        if self.lost:
            raise LeaseLost("gone")
        self.heartbeats.append(progress)
        return job

    async def material(self, session_id: UUID) -> StoredMaterial | None:
        """Return what was put in for the session."""
        return self.materials.get(session_id)

    async def put_transcript(self, job: AnalysisJob, turn: TurnRecord) -> None:
        """Keep the transcript."""
        if self.lost:
            raise LeaseLost("gone")
        self.transcripts.append(turn)

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
        """Keep the result."""
        if self.lost:
            raise LeaseLost("gone")
        self.completed.append((job, result, findings, event))
        return len(self.completed)

    async def fail(self, job: AnalysisJob, error: str, *, event: NewEvent) -> int | None:
        """Keep the failure; parked after the last attempt."""
        self.failed.append((job, error, event))
        return len(self.failed) if job.attempt >= self.max_attempts else None
