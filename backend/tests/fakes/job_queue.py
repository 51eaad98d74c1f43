"""A queue of jobs in memory: one lease at a time, everything that happens written down."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

from app.services.errors import StorageUnavailable
from app.services.job_queue import Job, JobKind, LeaseLost
from app.services.session_store import NewEvent


def a_job(session_id: UUID, *, kind: JobKind = JobKind.ANALYSIS, attempt: int = 1) -> Job:
    """A job as it is claimed."""
    return Job(uuid4(), kind, session_id, uuid4(), attempt, "tester", datetime(2030, 1, 1, tzinfo=UTC))


@dataclass
class MemoryQueue:
    """Implements JobQueue. Set `unavailable` or `lost` to have the store fail."""

    waiting: list[Job] = field(default_factory=list)
    max_attempts: int = 3
    unavailable: int = 0
    lost: bool = False
    claims: int = 0
    heartbeats: list[int] = field(default_factory=list)
    failed: list[tuple[Job, str, NewEvent | None]] = field(default_factory=list)

    async def claim(self, worker: str, kinds: frozenset[JobKind], *, lease_s: float) -> Job | None:
        """Hand out the job that has waited longest."""
        self.claims += 1
        if self.unavailable:
            self.unavailable -= 1
            raise StorageUnavailable("down")
        for job in self.waiting:
            if job.kind in kinds:
                self.waiting.remove(job)
                return replace(job, lease_owner=worker)
        return None

    async def due(self, kinds: frozenset[JobKind]) -> int:
        """Count what waits."""
        if self.unavailable:
            raise StorageUnavailable("down")
        return sum(job.kind in kinds for job in self.waiting)

    async def heartbeat(self, job: Job, *, lease_s: float, progress: int) -> Job:
        """Note the progress."""
        if self.lost:
            raise LeaseLost("gone")
        self.heartbeats.append(progress)
        return job

    async def fail(self, job: Job, error: str, *, event: NewEvent | None) -> bool:
        """Keep the failure; parked after the last attempt."""
        self.failed.append((job, error, event))
        return job.attempt >= self.max_attempts
