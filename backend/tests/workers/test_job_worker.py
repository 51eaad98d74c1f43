"""The worker over several kinds of jobs, in virtual time. What one kind does alone: test_analysis_worker."""

import asyncio
import random
import weakref
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.services.job_queue import Job, JobKind
from app.services.session_store import NewEvent
from app.workers.carried_worker import LOOK_S
from app.workers.job_worker import LEASE_S, POLL_S, JobWorker, Progress
from tests.fakes.job_queue import LeasedQueue, MemoryQueue, a_job
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


class Holds:
    """Implements JobHandler: keeps something while it works."""

    kind = JobKind.ANALYSIS

    def __init__(self) -> None:
        self.held: weakref.ref[Steps] | None = None

    async def do(self, job: Job, progress: Progress) -> None:
        material = Steps(self.kind)
        self.held = weakref.ref(material)
        await asyncio.sleep(1)

    def gave_up(self, job: Job) -> NewEvent | None:
        return None


@virtual_time
async def test_a_worker_tidies_up_when_nothing_of_the_job_is_held() -> None:
    holds = Holds()
    queue = MemoryQueue()
    queue.waiting.append(a_job(uuid4()))
    done: list[UUID] = []
    tidied: list[tuple[bool, int]] = []

    async def tidy() -> None:
        assert holds.held is not None
        tidied.append((holds.held() is None, len(done)))

    worker = JobWorker(queue, [holds], on_done=done.append, tidy=tidy, name="tester")
    assert await worker.work_once()
    assert tidied == [(True, 0)]


class Draws:
    """Implements JobHandler: work of a time drawn by lot, up to LONGEST_S."""

    kind = JobKind.ANALYSIS
    LONGEST_S = 6.0

    def __init__(self, queue: LeasedQueue, dice: random.Random) -> None:
        self.queue = queue
        self.dice = dice
        self.done: list[UUID] = []

    async def do(self, job: Job, progress: Progress) -> None:
        await asyncio.sleep(self.dice.uniform(0.1, self.LONGEST_S))
        self.queue.end(job)
        self.done.append(job.id)

    def gave_up(self, job: Job) -> NewEvent | None:
        return None


@pytest.mark.parametrize("seed", range(25))
@virtual_time
async def test_a_killed_workers_job_runs_again_well_within_half_a_minute(seed: int) -> None:
    dice = random.Random(seed)
    queue = LeasedQueue([a_job(uuid4()) for _ in range(60)])
    draws = Draws(queue, dice)
    ids = {job.id for job in queue.waiting}
    now = asyncio.get_running_loop().time
    workers: dict[str, asyncio.Task[None]] = {}

    def start() -> None:
        name = str(uuid4())
        worker = JobWorker(queue, [draws], on_done=lambda _: None, name=name)
        workers[name] = asyncio.create_task(worker.run())

    for _ in range(4):
        start()
    orphans: list[tuple[float, Job]] = []
    for _ in range(20):
        await asyncio.sleep(dice.uniform(0.2, 4))
        name = dice.choice(sorted(workers))
        killed = workers.pop(name)
        orphans += [(now(), job) for job, _ in queue.held.values() if job.lease_owner == name]
        killed.cancel()
        start()
    await asyncio.sleep(300)
    for task in workers.values():
        task.cancel()
    assert len(draws.done) == len(set(draws.done))
    assert set(draws.done) == ids
    again = [
        min(at for at, begun in queue.begun if begun.id == job.id and begun.attempt > job.attempt) - killed_at
        for killed_at, job in orphans
    ]
    assert len(again) > 5
    assert max(again) <= LEASE_S + POLL_S + Draws.LONGEST_S
    assert LEASE_S + max(POLL_S, LOOK_S) <= 20
