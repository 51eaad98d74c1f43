"""Workers that die, start again and stop together: real processes, no real waiting."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.modes.child import Child, start_child
from app.modes.heartbeat import BEAT_S
from app.modes.supervisor import MARGIN_S, SHORT_LIVES, STEADY_S, Supervisor, WorkersKeepDying, in_words

PATIENCE_S = 20.0
STOP_S = 30.0
HUNG_S = 5 * BEAT_S


class Watched:
    """A supervisor, what it has started, and its time, which only goes on when it waits to restart; it waits
    one second longer for a beat at each of the `ticks`."""

    def __init__(self, how: str, workers: int) -> None:
        self.how = how
        self.now = 0.0
        self.waits: list[float] = []
        self.children: list[Child] = []
        self.gone: list[int] = []
        self.up = asyncio.Event()
        self.late = asyncio.Event()
        self.ticks = asyncio.Semaphore(0)
        self.supervisor = Supervisor(
            self._start,
            workers=workers,
            stop_s=STOP_S,
            hung_s=HUNG_S,
            on_up=self.up.set,
            on_gone=self._gone,
            clock=lambda: self.now,
            sleep=self._sleep,
        )

    async def started(self, count: int) -> None:
        """Wait until so many have been started in all, and are up."""
        async with asyncio.timeout(PATIENCE_S):
            while len([child for child in self.children if child.is_up]) < count:  # noqa: ASYNC110 - it rings no bell
                await asyncio.sleep(0.01)

    async def _start(self) -> Child:
        child = await start_child("tests.fakes.idle_process", [self.how])
        self.children.append(child)
        return child

    async def _gone(self, child: Child) -> None:
        self.gone.append(child.pid)

    async def _sleep(self, seconds: float) -> None:
        if seconds == STOP_S + MARGIN_S:
            await self.late.wait()
        elif (waiting := asyncio.current_task()) and waiting.get_name() == "workers.watch":
            await self.ticks.acquire()
        else:
            self.waits.append(seconds)
            self.now += seconds


@asynccontextmanager
async def watched(how: str, *, workers: int = 2) -> AsyncIterator[tuple[Watched, "asyncio.Task[None]"]]:
    """A supervisor at work; nothing is left behind."""
    made = Watched(how, workers)
    running = asyncio.create_task(made.supervisor.run())
    try:
        yield made, running
    finally:
        made.supervisor.stop()
        made.supervisor.stop()
        await asyncio.gather(running, return_exceptions=True)
        for child in made.children:
            with pytest.raises(ProcessLookupError):
                os.kill(child.pid, 0)


async def test_a_dead_worker_is_replaced_and_the_others_are_left_alone() -> None:
    async with watched("idle") as (w, running):
        await asyncio.wait_for(w.up.wait(), PATIENCE_S)
        first, second = w.children
        first.kill()
        await w.started(3)
        assert w.gone == [first.pid]
        assert second.process.returncode is None
        w.supervisor.stop()
        await asyncio.wait_for(running, PATIENCE_S)
        assert sorted(w.gone) == sorted(child.pid for child in w.children)


async def test_a_worker_that_keeps_dying_gets_time_and_is_then_given_up() -> None:
    async with watched("broken", workers=1) as (w, running):
        with pytest.raises(WorkersKeepDying, match=r"6 times in a row .* exit status 3"):
            await asyncio.wait_for(running, PATIENCE_S)
        assert len(w.children) == SHORT_LIVES
        assert w.waits == [0.0, 1.0, 2.0, 4.0, 8.0]
        assert not w.up.is_set()


async def test_a_worker_that_had_lived_for_long_starts_again_at_once() -> None:
    async with watched("idle", workers=1) as (w, _):
        for number in range(1, SHORT_LIVES + 2):
            await w.started(number)
            w.now += STEADY_S
            w.children[-1].kill()
        await w.started(SHORT_LIVES + 2)
        assert set(w.waits) == {0.0}


async def test_a_worker_that_does_not_stop_in_time_is_killed() -> None:
    async with watched("stubborn", workers=1) as (w, running):
        await asyncio.wait_for(w.up.wait(), PATIENCE_S)
        w.supervisor.stop()
        w.late.set()
        await asyncio.wait_for(running, PATIENCE_S)
        assert w.children[0].process.returncode == -9


async def test_the_second_word_to_stop_is_the_last() -> None:
    async with watched("stubborn") as (w, running):
        await asyncio.wait_for(w.up.wait(), PATIENCE_S)
        w.supervisor.stop()
        w.supervisor.stop()
        await asyncio.wait_for(running, PATIENCE_S)
        assert [child.process.returncode for child in w.children] == [-9, -9]


async def beaten(child: Child, times: int) -> None:
    """Wait until a worker has beaten so many times in all."""
    async with asyncio.timeout(PATIENCE_S):
        while child.beats < times:  # noqa: ASYNC110 - it rings no bell
            await asyncio.sleep(0.01)


async def test_a_worker_that_shows_no_sign_of_life_is_killed_and_replaced() -> None:
    async with watched("idle", workers=1) as (w, _):
        await w.started(1)
        (hung,) = w.children
        await beaten(hung, 1)
        os.kill(hung.pid, signal.SIGSTOP)
        for _ in range(int(HUNG_S / BEAT_S) + 1):
            w.ticks.release()
        await w.started(2)
        assert hung.process.returncode == -signal.SIGKILL
        assert w.gone == [hung.pid]


async def test_a_worker_that_beats_now_and_then_is_left_alone() -> None:
    async with watched("idle", workers=1) as (w, _):
        await w.started(1)
        (child,) = w.children
        for beats in range(1, 4):
            await beaten(child, beats)
            for _ in range(int(HUNG_S / BEAT_S) - 1):
                w.ticks.release()
        assert child.process.returncode is None


def test_how_a_process_ended_is_said_in_words() -> None:
    assert [in_words(status) for status in (0, 3, -9, -200)] == [
        "exit status 0",
        "exit status 3",
        "signal SIGKILL",
        "signal 200",
    ]
