"""The worker that a queue tells of due jobs, against a queue in memory, in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest

from app.services.job_carrier import CarrierDown
from app.services.job_queue import JobKind
from app.workers.carried_worker import CarriedWorker
from tests.fakes.job_queue import MemoryQueue, a_job
from tests.virtual_time import virtual_time

WORK_S, LOOK_S, POLL_S = 3.0, 5.0, 2.0


class MemoryCarrier:
    """Implements JobCarrier; `up` is whether it can be reached."""

    def __init__(self) -> None:
        self.up = True
        self.messages: asyncio.Queue[None] = asyncio.Queue(100)
        self.acknowledged = 0

    async def dispatch(self, due: int) -> None:
        if not self.up:
            raise CarrierDown("away")
        for _ in range(due - self.messages.qsize()):
            self.messages.put_nowait(None)

    async def receive(self, work: Callable[[], Awaitable[None]], stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            if not self.up:
                raise CarrierDown("away")
            try:
                async with asyncio.timeout(0.1):
                    await self.messages.get()
            except TimeoutError:
                continue
            await work()
            self.acknowledged += 1


class World:
    """A carried worker and what is around it."""

    def __init__(self) -> None:
        self.queue = MemoryQueue()
        self.carrier = MemoryCarrier()
        self.done_at: list[float] = []
        self.at_once = self.most_at_once = self.left = 0
        self.worker = CarriedWorker(self, self.carrier, look_s=LOOK_S, poll_s=POLL_S)

    async def due(self) -> int:
        return await self.queue.due(frozenset(JobKind))

    async def work_once(self) -> bool:
        if await self.queue.claim("tester", frozenset(JobKind), lease_s=20) is None:
            return False
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(WORK_S)
        except asyncio.CancelledError:
            self.left += 1
            raise
        finally:
            self.at_once -= 1
        self.done_at.append(asyncio.get_running_loop().time())
        return True

    def add(self, count: int) -> None:
        self.queue.waiting += [a_job(uuid4()) for _ in range(count)]

    @asynccontextmanager
    async def running(self) -> Any:
        task = asyncio.create_task(self.worker.run())
        try:
            yield
        finally:
            self.worker.stop()
            await task


@virtual_time
async def test_a_backlog_is_done_one_by_one_and_each_message_acknowledged() -> None:
    w = World()
    w.add(3)
    async with w.running():
        await asyncio.sleep(4 * WORK_S)
        assert (len(w.done_at), w.most_at_once) == (3, 1)
        assert w.carrier.messages.empty()
        assert w.carrier.acknowledged >= 3


@virtual_time
async def test_an_ended_session_is_dispatched_at_once_and_others_at_the_next_look() -> None:
    w = World()
    async with w.running():
        await asyncio.sleep(1)
        w.add(1)
        w.worker.wake()
        await asyncio.sleep(WORK_S + 0.5)
        assert len(w.done_at) == 1
        w.add(1)
        await asyncio.sleep(LOOK_S + WORK_S + 0.5)
        assert len(w.done_at) == 2


@virtual_time
async def test_without_the_queue_it_looks_itself_and_with_it_messages_count_again() -> None:
    w = World()
    w.carrier.up = False
    w.add(2)
    async with w.running():
        await asyncio.sleep(2 * WORK_S + 0.5)
        assert (len(w.done_at), w.carrier.acknowledged) == (2, 0)
        w.add(1)
        await asyncio.sleep(POLL_S + WORK_S + 0.5)
        assert (len(w.done_at), w.most_at_once) == (3, 1)
        w.carrier.up = True
        await asyncio.sleep(2 * POLL_S)
        w.add(1)
        w.worker.wake()
        await asyncio.sleep(POLL_S + WORK_S + 0.5)
        assert (len(w.done_at), w.carrier.acknowledged) == (4, 1)


@virtual_time
async def test_lost_messages_are_dispatched_again() -> None:
    w = World()
    async with w.running():
        await asyncio.sleep(1)
        w.add(3)
        w.worker.wake()
        await asyncio.sleep(0.2)
        while not w.carrier.messages.empty():
            w.carrier.messages.get_nowait()
        await asyncio.sleep(2 * LOOK_S + 3 * WORK_S)
        assert len(w.done_at) == 3


@virtual_time
async def test_a_database_that_is_away_ends_nothing() -> None:
    w = World()
    w.queue.unavailable = 1
    async with w.running():
        await asyncio.sleep(1)
        w.queue.unavailable = 0
        w.add(1)
        await asyncio.sleep(LOOK_S + WORK_S + 0.5)
        assert len(w.done_at) == 1


@virtual_time
async def test_told_to_stop_it_finishes_the_job_in_hand_and_takes_no_other() -> None:
    w = World()
    w.add(2)
    async with w.running():
        await asyncio.sleep(1)
    assert (len(w.done_at), len(w.queue.waiting)) == (1, 1)


@virtual_time
async def test_cancelled_it_leaves_the_job_in_hand_to_its_lease() -> None:
    w = World()
    w.add(1)
    working = asyncio.create_task(w.worker.run())
    await asyncio.sleep(1)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert (w.left, w.at_once, w.done_at) == (1, 0, [])
