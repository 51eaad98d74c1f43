"""Queues of jobs in memory: one that writes everything down, one whose leases run out."""

import asyncio
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


@dataclass
class LeasedQueue:
    """Implements JobQueue with leases on the event loop's clock. `begun` is when which job was claimed."""

    waiting: list[Job] = field(default_factory=list)
    max_attempts: int = 100
    held: dict[UUID, tuple[Job, float]] = field(default_factory=dict)
    begun: list[tuple[float, Job]] = field(default_factory=list)

    async def claim(self, worker: str, kinds: frozenset[JobKind], *, lease_s: float) -> Job | None:
        """Hand out a job whose lease ran out, else the one that has waited longest."""
        now = asyncio.get_running_loop().time()
        left = [job for job, until in self.held.values() if until < now and job.kind in kinds]
        found = next(iter([*left, *(job for job in self.waiting if job.kind in kinds)]), None)
        if found is None:
            return None
        self.waiting = [job for job in self.waiting if job.id != found.id]
        job = replace(found, lease_owner=worker, attempt=found.attempt + (found in left))
        self.held[job.id] = (job, now + lease_s)
        self.begun.append((now, job))
        return job

    async def due(self, kinds: frozenset[JobKind]) -> int:
        """Count what could be claimed."""
        now = asyncio.get_running_loop().time()
        return sum(
            j.kind in kinds for j in [*self.waiting, *(j for j, until in self.held.values() if until < now)]
        )

    async def heartbeat(self, job: Job, *, lease_s: float, progress: int) -> Job:
        """Hold it longer."""
        self._check(job)
        self.held[job.id] = (job, asyncio.get_running_loop().time() + lease_s)
        return job

    async def fail(self, job: Job, error: str, *, event: NewEvent | None) -> bool:
        """Put it back."""
        self.end(job)
        self.waiting.append(replace(job, attempt=job.attempt + 1))
        return False

    def end(self, job: Job) -> None:
        """What a handler does with its result. Raises LeaseLost."""
        self._check(job)
        del self.held[job.id]

    def _check(self, job: Job) -> None:
        if job.id not in self.held or self.held[job.id][0] != job:
            raise LeaseLost("gone")
