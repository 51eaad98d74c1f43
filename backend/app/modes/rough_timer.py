"""A timer of the event loop for many who need not be called to the millisecond."""

import asyncio
import math
from collections.abc import Callable
from heapq import heappop, heappush
from typing import ClassVar
from weakref import WeakKeyDictionary

import structlog

SLACK = 1 / 32
"""Of the wait that was asked for; it is that much longer at most."""

log = structlog.get_logger()


class RoughTimer:
    """Those who are due at about the same time are called together, one such group in a turn of the loop.

    So what a group sets going is done before the next one is called, even where all are late: connections
    that were read all at once took memory for all that they brought. A timer of its own takes half a kilobyte
    for every connection that waits. What is due cannot be cancelled: whoever is called looks whether it still
    matters. A call that fails is logged, and the rest of its group is called.
    """

    _of_loop: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, "RoughTimer"]] = WeakKeyDictionary()

    def __init__(self) -> None:
        self._groups: dict[float, list[Callable[[], None]]] = {}
        self._instants: list[float] = []
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop) -> "RoughTimer":
        """Return the one timer of all who share the loop."""
        return cls._of_loop.setdefault(loop, cls())

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> None:
        """Call back after `delay_s`, more than 0, and up to SLACK of it."""
        step_s = delay_s * SLACK
        due_s = math.ceil((asyncio.get_running_loop().time() + delay_s) / step_s) * step_s
        if due_s not in self._groups:
            self._groups[due_s] = []
            heappush(self._instants, due_s)
            if self._instants[0] == due_s:
                self._start()
        self._groups[due_s].append(callback)

    def _start(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(self._instants[0], self._call)

    def _call(self) -> None:
        self._timer = None
        group = self._groups.pop(heappop(self._instants))
        if self._instants:
            self._start()
        for callback in group:
            try:
                callback()
            except Exception:
                log.exception("timer.call_failed")
