"""A timer that is moved many times a second, nearly always to where it stands already, or later."""

import asyncio
from collections.abc import Callable

from app.api.websocket.clock import Clock


class Alarm:
    """Calls `ring` once the moment set last has come; only an earlier one takes a new timer of the loop."""

    def __init__(self, clock: Clock, ring: Callable[[], None]) -> None:
        self._clock = clock
        self._ring = ring
        self._at_ms: int | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at_ms = 0

    def set(self, at_ms: int | None) -> None:
        """Ring at `at_ms`, as soon as possible where that has passed, in the place of what was set before;
        None for not at all."""
        self._at_ms = at_ms
        if at_ms is not None and (self._timer is None or at_ms < self._timer_at_ms):
            self._start(at_ms)

    def cancel(self) -> None:
        """Let the loop forget it."""
        self._at_ms = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _start(self, at_ms: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at_ms = at_ms
        self._timer = self._clock.call_at(at_ms, self._look)

    def _look(self) -> None:
        self._timer = None
        at_ms = self._at_ms
        if at_ms is None:
            return
        if at_ms > self._clock.now_ms():
            self._start(at_ms)
            return
        self._at_ms = None
        self._ring()
