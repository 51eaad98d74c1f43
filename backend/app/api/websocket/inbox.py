"""What waits for a session: bounded in bytes for what a client sends, woken at the next deadline."""

import asyncio
from typing import Generic, TypeVar

from app.api.websocket.alarm import Alarm
from app.api.websocket.clock import Clock
from app.services.flag import Flag

T = TypeVar("T")


class Inbox(Generic[T]):
    """One reader, several writers. A full inbox makes `put` wait, and so the client's socket."""

    def __init__(self, clock: Clock, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._items: list[tuple[T, int]] = []
        self._bytes = 0
        self._rung = False
        self._reader: asyncio.Future[None] | None = None
        self._room = Flag()
        self._alarm = Alarm(clock, self._ring)

    @property
    def waiting_bytes(self) -> int:
        """Size of what was put and not yet taken."""
        return self._bytes

    async def put(self, item: T, size: int) -> None:
        """Add what came from outside; wait while the inbox is full."""
        while self._bytes and self._bytes + size > self._max_bytes:
            self._room.clear()
            await self._room.wait()
        self._bytes += size
        self._items.append((item, size))
        self._ring()

    def post(self, item: T) -> None:
        """Add what the session's own tasks report; their number bounds it."""
        self._items.append((item, 0))
        self._ring()

    def wake(self) -> None:
        """Let the reader look at its deadlines again."""
        self._rung = True
        self._ring()

    async def wait(self, until_ms: int | None) -> None:
        """Return when something is there, the reader was woken, or `until_ms` has come."""
        if not self._items and not self._rung:
            self._alarm.set(until_ms)
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        self._rung = False

    def close(self) -> None:
        """Nobody waits any more."""
        self._alarm.cancel()

    def take(self) -> T | None:
        """Return what has waited longest, None when nothing waits."""
        if not self._items:
            return None
        item, size = self._items.pop(0)
        self._bytes -= size
        self._room.set()
        return item

    def _ring(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)
