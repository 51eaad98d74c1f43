"""The worker over several kinds of jobs, in virtual time. What one kind does alone: test_analysis_worker."""

import asyncio
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

from app.services.job_queue import Job, JobKind
from app.services.session_store import NewEvent
from app.workers.job_worker import JobWorker, Progress
from tests.fakes.job_queue import MemoryQueue, a_job
from tests.virtual_time import virtual_time


class Steps:
    """Implements JobHandler: ten steps of a second."""

    def __init__(self, kind: JobKind, *, breaks: bool = False) -> None:
        self.kind = kind
        self.breaks = breaks
        self.did: list[Job] = []

    async def do(self, job: Job, progress: Progress) -> None:
        for step in range(10):
            progress(10 * step)
            await asyncio.sleep(1)
            if self.breaks:
                raise RuntimeError("a defect")
        self.did.append(job)

    def gave_up(self, job: Job) -> NewEvent | None:
        return None


class World:
    """A worker with handlers and a queue."""

    def __init__(self, *handlers: Steps) -> None:
        self.queue = MemoryQueue()
        self.done: list[UUID] = []
        self.counted: list[tuple[str, str, float]] = []
        self.worker = JobWorker(
            self.queue, handlers, on_done=self.done.append, meter=self, name="tester", lease_s=7.2
        )

    def job_attempted(self, kind: str, outcome: str, seconds: float) -> None:
        self.counted.append((kind, outcome, round(seconds, 1)))

    @asynccontextmanager
    async def running(self) -> Any:
        task = asyncio.create_task(self.worker.run())
        try:
            yield
        finally:
            self.worker.stop()
            await task


@virtual_time
async def test_a_kind_that_it_cannot_do_is_left_to_others() -> None:
    world = World()
    world.queue.waiting.append(a_job(uuid4()))
    assert await world.worker.due() == 0
    async with world.running():
        await asyncio.sleep(5)
    assert len(world.queue.waiting) == 1


@virtual_time
async def test_how_far_a_job_is_goes_with_its_heartbeat() -> None:
    steps = Steps(JobKind.ANALYSIS)
    world = World(steps)
    world.queue.waiting.append(job := a_job(uuid4()))
    async with world.running():
        await asyncio.sleep(11)
    assert [done.id for done in steps.did] == [job.id]
    assert world.counted == [("analysis", "done", 10.0)]
    assert world.queue.heartbeats == [20, 40, 70, 90]
    assert world.done == [job.session_id]


@virtual_time
async def test_a_handler_that_breaks_gives_its_job_back_and_the_next_is_done() -> None:
    world = World(Steps(JobKind.ANALYSIS, breaks=True))
    first, last = a_job(uuid4(), attempt=1), a_job(uuid4(), attempt=3)
    world.queue.waiting += [first, last]
    async with world.running():
        await asyncio.sleep(3)
    assert [(job.id, error) for job, error, _ in world.queue.failed] == [
        (first.id, "RuntimeError: a defect"),
        (last.id, "RuntimeError: a defect"),
    ]
    assert world.done == [last.session_id]  # the first will be tried again
    assert world.counted == [("analysis", "failed", 1.0)] * 2
