import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from app.adapters.local_speech import ModelPool, Priority
from app.adapters.local_speech.pool import QUIET_S
from app.services.speech import EngineBusy


class Gate:
    """Holds a thread until it is opened, so that everything after it queues."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.open = threading.Event()

    def pass_through(self) -> None:
        self.entered.set()
        assert self.open.wait(10)

    async def occupied(self) -> None:
        assert await asyncio.to_thread(self.entered.wait, 10)


@pytest.fixture
async def pool() -> AsyncIterator[ModelPool]:
    pool = ModelPool(1, max_waiting=3)
    yield pool
    await pool.aclose()


@pytest.fixture
async def gate(pool: ModelPool) -> AsyncIterator[Gate]:
    gate = Gate()
    pool.submit(Priority.BACKGROUND, gate.pass_through)
    await gate.occupied()
    yield gate
    gate.open.set()


async def test_computes_off_the_event_loop(pool: ModelPool) -> None:
    assert await pool.run(Priority.FINAL, threading.get_ident) != threading.get_ident()


async def test_failure_reaches_the_caller(pool: ModelPool) -> None:
    with pytest.raises(ZeroDivisionError):
        await pool.run(Priority.FINAL, divmod, 1, 0)
    assert await pool.run(Priority.FINAL, divmod, 7, 2) == (3, 1)


async def test_serves_by_priority_then_by_age(pool: ModelPool, gate: Gate) -> None:
    order: list[str] = []
    works = [
        pool.submit(Priority.PARTIAL, order.append, "partial"),
        pool.submit(Priority.SPECULATIVE, order.append, "ahead"),
        pool.submit(Priority.FINAL, order.append, "final"),
    ]
    gate.open.set()
    await asyncio.gather(*(work.future for work in works))
    assert order == ["final", "ahead", "partial"]


async def test_promoted_work_overtakes(pool: ModelPool, gate: Gate) -> None:
    order: list[str] = []
    first = pool.submit(Priority.SPECULATIVE, order.append, "first")
    second = pool.submit(Priority.SPECULATIVE, order.append, "second")
    second.promote(Priority.FINAL)
    gate.open.set()
    await asyncio.gather(first.future, second.future)
    assert order == ["second", "first"]


async def test_waiting_work_takes_newer_arguments_and_keeps_its_place(pool: ModelPool, gate: Gate) -> None:
    order: list[str] = []
    first = pool.submit(Priority.PARTIAL, order.append, "old")
    second = pool.submit(Priority.PARTIAL, order.append, "other")
    assert first.update("new")
    gate.open.set()
    await asyncio.gather(first.future, second.future)
    assert order == ["new", "other"]
    assert not first.update("too late")


async def test_cancelled_work_that_waits_never_runs(pool: ModelPool, gate: Gate) -> None:
    ran: list[int] = []
    work = pool.submit(Priority.FINAL, ran.append, 1)
    caller = asyncio.ensure_future(pool.run(Priority.FINAL, ran.append, 2))
    await asyncio.sleep(0)
    assert pool.waiting == 2
    work.cancel()
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    assert pool.waiting == 0
    gate.open.set()
    assert await pool.run(Priority.FINAL, len, ran) == 0


async def test_full_queue_drops_the_least_urgent_for_the_more_urgent(pool: ModelPool, gate: Gate) -> None:
    partials = [pool.submit(Priority.PARTIAL, len, "") for _ in range(3)]
    with pytest.raises(EngineBusy):
        pool.submit(Priority.PARTIAL, len, "")
    final = pool.submit(Priority.FINAL, len, "four")
    assert pool.waiting == 3
    with pytest.raises(EngineBusy):
        await partials[2].future
    gate.open.set()
    assert await final.future == 4
    assert [await partial.future for partial in partials[:2]] == [0, 0]


@pytest.mark.parametrize("deferrable", [Priority.PARTIAL, Priority.BACKGROUND])
async def test_one_thread_is_kept_for_what_a_turn_waits_for(deferrable: Priority) -> None:
    pool, gate = ModelPool(2), Gate()
    held = pool.submit(Priority.BACKGROUND, gate.pass_through)
    await gate.occupied()
    deferred = pool.submit(deferrable, len, "")
    assert await pool.run(Priority.FINAL, len, "now") == 3
    assert deferred.waiting
    gate.open.set()
    await asyncio.gather(held.future, deferred.future)
    await pool.aclose()


async def test_idle_work_waits_until_nobody_has_talked_for_a_while() -> None:
    pool, loop = ModelPool(2), asyncio.get_running_loop()
    await pool.run(Priority.PARTIAL, len, "")
    said = loop.time()
    idle = pool.submit(Priority.IDLE, loop.time)
    assert await pool.run(Priority.BACKGROUND, len, "") == 0
    assert idle.waiting
    assert await idle.future - said >= QUIET_S - 0.01
    await pool.aclose()


async def test_nothing_waits_for_idle_work() -> None:
    pool, busy = ModelPool(1), Gate()
    idle = pool.submit(Priority.IDLE, busy.pass_through)
    await busy.occupied()
    second = pool.submit(Priority.IDLE, len, "")
    assert await pool.run(Priority.PARTIAL, len, "now") == 3
    assert second.waiting
    assert pool.running == 1
    busy.open.set()
    await idle.future
    await pool.aclose()


async def test_a_pool_with_threads_to_spare_takes_idle_work_while_somebody_talks() -> None:
    pool = ModelPool(4)
    await pool.run(Priority.FINAL, len, "")
    assert await pool.run(Priority.IDLE, len, "idle") == 4
    await pool.aclose()


async def test_closing_waits_for_what_runs_and_refuses_the_rest() -> None:
    pool, gate = ModelPool(1), Gate()
    running = pool.submit(Priority.FINAL, gate.pass_through)
    await gate.occupied()
    waiting = pool.submit(Priority.FINAL, len, "")
    closing = asyncio.ensure_future(pool.aclose())
    await asyncio.sleep(0)
    with pytest.raises(EngineBusy):
        await waiting.future
    assert not closing.done()
    gate.open.set()
    await closing
    assert running.future.done()
    with pytest.raises(EngineBusy):
        pool.submit(Priority.FINAL, len, "")
