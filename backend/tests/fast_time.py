"""A quarter of an hour of exam in a minute or two: an event loop whose clock runs faster than the world's.

For what needs real sockets, processes and threads, which virtual time cannot wait for: they take as long as
they take, and seem slower. Nothing that is timed may need to be quicker than its time limit divided by the
speed.
"""

import asyncio
import functools
import selectors
import time
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class _HastySelector(selectors.DefaultSelector):
    """Waits less than it is told."""

    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(None if timeout is None else timeout / self._speed)


class FastLoop(asyncio.SelectorEventLoop):
    """An event loop in which a second takes 1/`speed` of one."""

    def __init__(self, speed: float) -> None:
        super().__init__(_HastySelector(speed))
        self._speed = speed

    def time(self) -> float:
        """Return the hurried time in seconds."""
        return time.monotonic() * self._speed


class LoopClock:
    """client.Clock by the event loop's own time."""

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep_until(self, instant: float) -> None:
        await asyncio.sleep(max(0.0, instant - self.now()))


def fast_time(
    speed: float,
) -> Callable[[Callable[P, Coroutine[Any, Any, T]]], Callable[P, T]]:
    """Make an async test run at that speed."""

    def made(test: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
        @functools.wraps(test)
        def run(*args: P.args, **kwargs: P.kwargs) -> T:
            with asyncio.Runner(loop_factory=lambda: FastLoop(speed)) as runner:
                return runner.run(test(*args, **kwargs))

        return run

    return made
