"""What has come from a client and waits for the application, which may take all of it at once."""

import asyncio
from collections.abc import Sequence

from uvicorn._types import ASGIReceiveEvent

Arrival = ASGIReceiveEvent | bytes
"""An event, or a binary message as it is: there are fifty a second."""


class Arrivals:
    """In place of uvicorn's queue, which takes four times the memory and as long for each message.

    One reader; nothing is ever put while it is full, for the socket is not read while something waits.
    """

    __slots__ = ("_events", "_reader")

    def __init__(self) -> None:
        self._events: list[Arrival] = []
        self._reader: asyncio.Future[None] | None = None

    def put_nowait(self, event: Arrival) -> None:
        """Add an event."""
        self.put_all((event,))

    def put_all(self, events: Sequence[Arrival]) -> None:
        """Add events."""
        self._events += events
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def empty(self) -> bool:
        """Whether nothing waits."""
        return not self._events

    def take(self) -> ASGIReceiveEvent | None:
        """Return what has waited longest, None when nothing waits."""
        if not self._events:
            return None
        event = self._events.pop(0)
        return {"type": "websocket.receive", "bytes": event} if isinstance(event, bytes) else event

    def take_all(self) -> list[Arrival]:
        """Return all that waits."""
        events, self._events = self._events, []
        return events

    def next(self) -> asyncio.Future[None]:
        """Return what is done when the next one has come."""
        self._reader = asyncio.get_running_loop().create_future()
        return self._reader
