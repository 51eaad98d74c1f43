"""A bounded pool of threads for model work, off the event loop, served by priority.

The engines release the interpreter's lock while they compute, so threads are enough. All bookkeeping happens
on the event loop; threads only compute.
"""

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import Future as ThreadFuture
from concurrent.futures import ThreadPoolExecutor
from enum import IntEnum
from functools import partial
from typing import Any, Generic, TypeVar

from app.services.speech import EngineBusy

T = TypeVar("T")


class Priority(IntEnum):
    """What is served first; within a priority, first come first served."""

    FINAL = 0
    VOICE = 1
    SPECULATIVE = 2
    PARTIAL = 3
    BACKGROUND = 4
    IDLE = 5
    """Taken up one at a time while nobody talks; its thread is none of those that others wait for."""


QUIET_S = 1.5
"""Nobody talks once no speech was recognised for this long: partials come more often than that."""

_LISTENING = (Priority.FINAL, Priority.SPECULATIVE, Priority.PARTIAL)


class Work(Generic[T]):
    """A call that waits for a thread, runs, or is done."""

    def __init__(
        self, pool: "ModelPool", priority: Priority, number: int, fn: Callable[..., T], args: tuple[Any, ...]
    ) -> None:
        self._pool = pool
        self._number = number
        self.priority = priority
        self.fn = fn
        self.args = args
        self.started = False
        self.future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

    @property
    def rank(self) -> tuple[Priority, int]:
        """Lower is served earlier."""
        return self.priority, self._number

    @property
    def waiting(self) -> bool:
        """Whether the call has neither begun nor been given up."""
        return not self.started and not self.future.done()

    def update(self, *args: Any) -> bool:
        """Replace the arguments of a call that still waits; it keeps its place. False if it is too late."""
        if not self.waiting:
            return False
        self.args = args
        return True

    def promote(self, priority: Priority) -> None:
        """Serve the call at least as early as `priority` says."""
        self.priority = min(self.priority, priority)

    def cancel(self) -> None:
        """Give the call up: one that waits never runs, and the result of one that runs is thrown away."""
        self.future.cancel()
        self._pool.forget(self)


class ModelPool:
    """Up to `threads` calls at once and `max_waiting` in the queue.

    When the queue is full, the last call of the lowest priority makes room for a more urgent one. With more
    than one thread, one of them takes neither partials nor background work, so that an answer's end does not
    wait for them; background work comes in calls of at most a second or so. Idle work waits until nothing
    else runs and nobody talks, or until two threads and more are free besides.
    """

    def __init__(self, threads: int, *, max_waiting: int = 64) -> None:
        self._threads = threads
        self._max_waiting = max_waiting
        self._executor = ThreadPoolExecutor(threads + 1, thread_name_prefix="model")
        self._waiting: list[Work[Any]] = []
        self._running: set[Work[Any]] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._count = 0
        self._closed = False
        self._quiet_from = 0.0
        self._look_again: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        """Calls in the queue."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """Calls that occupy a thread."""
        return len(self._running)

    def submit(self, priority: Priority, fn: Callable[..., T], *args: Any) -> Work[T]:
        """Queue `fn(*args)`. Its outcome is the work's `future`, which fails with EngineBusy if evicted.

        Raises EngineBusy when the queue is full of work at least as urgent, or the pool is closed.
        """
        if self._closed:
            raise EngineBusy("The server is stopping; connect again shortly.")
        self._count += 1
        work = Work(self, priority, self._count, fn, args)
        if len(self._waiting) >= self._max_waiting:
            self._make_room_for(work)
        self._waiting.append(work)
        self._note_talk(work)
        self._dispatch()
        return work

    async def run(self, priority: Priority, fn: Callable[..., T], *args: Any) -> T:
        """Return `fn(*args)`, computed on a thread. Cancelling the caller gives the work up.

        Raises EngineBusy as `submit` does, and whatever `fn` raises.
        """
        work = self.submit(priority, fn, *args)
        try:
            return await work.future
        finally:
            self.forget(work)

    def forget(self, work: Work[Any]) -> None:
        """Take `work` out of the queue if it is there."""
        with contextlib.suppress(ValueError):
            self._waiting.remove(work)

    async def aclose(self) -> None:
        """Give up what waits, and return when no thread computes any more. Idempotent."""
        self._closed = True
        if self._look_again is not None:
            self._look_again.cancel()
        for work in self._waiting:
            if not work.future.done():
                work.future.set_exception(EngineBusy("The server is stopping."))
        self._waiting.clear()
        await self._idle.wait()
        self._executor.shutdown(wait=False)

    def _make_room_for(self, work: Work[Any]) -> None:
        last = max(self._waiting, key=_rank)
        if last.priority <= work.priority:
            raise EngineBusy("Too much speech work is waiting; try again in a moment.")
        self._waiting.remove(last)
        last.future.set_exception(EngineBusy("Dropped for more urgent speech work."))

    def _dispatch(self) -> None:
        while (work := min(filter(self._may_run, self._waiting), key=_rank, default=None)) is not None:
            self._waiting.remove(work)
            work.started = True
            self._running.add(work)
            self._idle.clear()
            computing = self._executor.submit(work.fn, *work.args)
            computing.add_done_callback(partial(self._tell_loop, asyncio.get_running_loop(), work))
        self._wait_for_quiet()

    def _may_run(self, work: Work[Any]) -> bool:
        running = [other.priority for other in self._running if other.priority is not Priority.IDLE]
        if work.priority is Priority.IDLE:
            quiet = not running and asyncio.get_running_loop().time() >= self._quiet_from
            return len(running) == len(self._running) and (quiet or len(running) < self._threads - 2)
        if len(running) >= self._threads:
            return False
        if work.priority < Priority.PARTIAL:
            return True
        deferrable = sum(priority >= Priority.PARTIAL for priority in running)
        return deferrable < max(1, self._threads - 1)

    def _note_talk(self, work: Work[Any]) -> None:
        if work.priority in _LISTENING:
            self._quiet_from = asyncio.get_running_loop().time() + QUIET_S

    def _wait_for_quiet(self) -> None:
        """Look again when it has been quiet for long enough, if that is all that idle work waits for."""
        if self._look_again is not None:
            self._look_again.cancel()
            self._look_again = None
        if not self._running and any(work.priority is Priority.IDLE for work in self._waiting):
            self._look_again = asyncio.get_running_loop().call_at(self._quiet_from, self._dispatch)

    def _tell_loop(
        self, loop: asyncio.AbstractEventLoop, work: Work[Any], computed: ThreadFuture[Any]
    ) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits for the result
            loop.call_soon_threadsafe(self._settle, work, computed)

    def _settle(self, work: Work[Any], computed: ThreadFuture[Any]) -> None:
        self._running.discard(work)
        self._note_talk(work)
        if not self._running:
            self._idle.set()
        if not work.future.done():
            failure = computed.exception()
            if failure is None:
                work.future.set_result(computed.result())
            else:
                work.future.set_exception(failure)
        self._dispatch()


def _rank(work: Work[Any]) -> tuple[Priority, int]:
    return work.rank
