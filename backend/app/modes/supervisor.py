"""Several processes that do the same work: kept running and alive, and stopped together.

uvicorn's own supervisor starts a dead worker again at once and for ever, and knows nothing of metrics; here
one that keeps dying is given time, and then given up, and one that hangs is killed.
"""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine

import structlog

from app.modes.child import START_TIMEOUT_S, Child, ChildFailed, ChildLate
from app.modes.heartbeat import BEAT_S

STEADY_S = 60.0
"""A worker that lived so long had started well: the next death counts as the first."""
SHORT_LIVES = 6
"""So many deaths in a row of one worker, each sooner than that, and it is of no use to go on."""
FIRST_WAIT_S = 0.5
MARGIN_S = 1.0
"""How much longer than it was given a worker may take to stop before it is killed."""

log = structlog.get_logger()


class WorkersKeepDying(Exception):
    """A worker ended again and again, right after it was started."""


class Supervisor:
    """Keeps `workers` children running until it is told to stop.

    `start` makes one; `on_up` is called once, when all of them have come up; `on_gone` gets every one that
    has ended, and its place is not kept empty meanwhile. A worker that has not beaten for `hung_s` is killed,
    as is one that does not come up. After `stop` a worker has `stop_s` to end. `sleep` waits for seconds.
    """

    def __init__(
        self,
        start: Callable[[], Awaitable[Child]],
        *,
        workers: int,
        stop_s: float,
        hung_s: float,
        on_up: Callable[[], None],
        on_gone: Callable[[Child], Coroutine[None, None, None]],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._start = start
        self._workers = workers
        self._stop_s = stop_s
        self._hung_s = hung_s
        self._on_up = on_up
        self._on_gone = on_gone
        self._clock = clock
        self._sleep = sleep
        self._children: set[Child] = set()
        self._up: set[int] = set()
        self._stopping = asyncio.Event()
        self._failure: WorkersKeepDying | None = None

    async def run(self) -> None:
        """Return when every worker has ended after `stop`. Raises WorkersKeepDying, the others stopped."""
        async with asyncio.TaskGroup() as tasks:
            killing = tasks.create_task(self._kill_late(), name="workers.late")
            async with asyncio.TaskGroup() as keeping:
                for number in range(self._workers):
                    keeping.create_task(self._keep(number, tasks), name=f"workers.{number}")
            killing.cancel()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Ask the workers to end, in good order at the first call, at once at the second."""
        if self._stopping.is_set():
            self._kill()
            return
        self._stopping.set()
        for child in self._children:
            child.terminate()

    async def _keep(self, number: int, tasks: asyncio.TaskGroup) -> None:
        short_lives = 0
        while not self._stopping.is_set():
            began = self._clock()
            status = await self._live(number, tasks)
            if self._stopping.is_set():
                return
            short_lives = 0 if self._clock() - began >= STEADY_S else short_lives + 1
            if short_lives >= SHORT_LIVES:
                self._failure = WorkersKeepDying(
                    f"A worker ended {short_lives} times in a row right after its start, the last time with "
                    f"{in_words(status)}; the reason stands above."
                )
                self.stop()
                return
            wait_s = FIRST_WAIT_S * 2 ** (short_lives - 1) if short_lives > 1 else 0.0
            log.error("worker.ended", how=in_words(status), restart_in_s=wait_s)
            await self._pause(wait_s)

    async def _live(self, number: int, tasks: asyncio.TaskGroup) -> int:
        """Run one worker to its end; return its exit status. What follows from its end is done in `tasks`."""
        try:
            child = await self._start()
        except OSError as refused:
            log.error("worker.not_started", reason=str(refused))  # noqa: TRY400 - the system's own words say it
            return os.EX_OSERR
        self._children.add(child)
        if self._stopping.is_set():
            child.terminate()
        try:
            try:
                await child.up(START_TIMEOUT_S)
            except ChildLate:
                child.kill()
                return await child.gone()
            except ChildFailed:
                return await child.gone()
            self._has_come_up(number)
            return await self._watched(child)
        finally:
            self._children.discard(child)
            tasks.create_task(self._on_gone(child), name=f"workers.gone.{child.pid}")

    async def _watched(self, child: Child) -> int:
        """Return the exit status of a worker once it has ended, by itself or because it hung."""
        async with asyncio.TaskGroup() as tasks:
            hearing = tasks.create_task(child.hear(), name="workers.hear")
            watching = tasks.create_task(self._kill_hung(child), name="workers.watch")
            status = await child.gone()
            hearing.cancel()
            watching.cancel()
        return status

    async def _kill_hung(self, child: Child) -> None:
        """Count the seconds without a beat, one by one: when we were stopped ourselves, they do not count."""
        silent_s, beats = 0.0, child.beats
        while silent_s < self._hung_s:
            await self._sleep(BEAT_S)
            silent_s = silent_s + BEAT_S if child.beats == beats else 0.0
            beats = child.beats
        log.error("worker.hung", pid=child.pid, silent_s=silent_s)
        child.kill()

    def _has_come_up(self, number: int) -> None:
        everyone_was_up = len(self._up) == self._workers
        self._up.add(number)
        if len(self._up) == self._workers and not everyone_was_up:
            self._on_up()

    async def _pause(self, wait_s: float) -> None:
        """Wait, but not when it is time to stop."""
        waiting = asyncio.ensure_future(self._sleep(wait_s))
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            stopping.cancel()

    async def _kill_late(self) -> None:
        await self._stopping.wait()
        await self._sleep(self._stop_s + MARGIN_S)
        if self._children:
            log.error("worker.killed", pids=[child.pid for child in self._children])
        self._kill()

    def _kill(self) -> None:
        for child in self._children:
            child.kill()


def in_words(status: int) -> str:
    """Return an exit status as a person would say it."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"signal {signal.Signals(-status).name}"
    except ValueError:
        return f"signal {-status}"
