"""A few timers of the event loop for many who need not be called to the millisecond."""

import asyncio
import math
from collections.abc import Callable
from typing import ClassVar
from weakref import WeakKeyDictionary

SLACK = 1 / 32
"""Of the wait that was asked for; it is that much longer at most."""


class RoughTimer:
    """Those who are due at about the same time are called together.

    A timer of its own takes half a kilobyte for every connection that waits. What is due cannot be cancelled:
    whoever is called looks whether it still matters.
    """

    _of_loop: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, "RoughTimer"]] = WeakKeyDictionary()

    def __init__(self) -> None:
        self._due: dict[float, list[Callable[[], None]]] = {}

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop) -> "RoughTimer":
        """Return the one timer of all who share the loop."""
        return cls._of_loop.setdefault(loop, cls())

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> None:
        """Call back after `delay_s`, more than 0, and up to SLACK of it."""
        loop = asyncio.get_running_loop()
        step_s = delay_s * SLACK
        due_s = math.ceil((loop.time() + delay_s) / step_s) * step_s
        if due_s not in self._due:
            self._due[due_s] = []
            loop.call_at(due_s, self._call, due_s)
        self._due[due_s].append(callback)

    def _call(self, due_s: float) -> None:
        for callback in self._due.pop(due_s):
            callback()
