"""uvicorn's WebSocket for many microphones: fewer and larger reads, and a peer that is gone is let go."""

import asyncio

from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

PAUSE_PER_CONNECTION_S = 0.0005
MAX_PAUSE_S = 0.06
FAREWELL_S = 12.0
"""How long a peer may take to read what was left for it when its connection ended."""


class MicrophoneSocket(WebSocketsSansIOProtocol):
    """Leaves audio in the system's buffer for a moment, so that several frames are read at once.

    A frame costs the process two system calls and three turns of the event loop however small it is, and
    three frames together cost no more. The pause grows with the number of connections: a learner alone waits
    for nothing, 120 and more wait for at most 60 ms. After text the next message is read at once.

    A peer that sends anything at all is alive, even if its pong is late. One that is not is cut off: closing
    alone would wait for it to read what is buffered, and it never will.
    """

    _heard_since_ping = False
    _farewell: asyncio.TimerHandle | None = None

    async def receive(self) -> ASGIReceiveEvent:
        """Return the next message."""
        message = await self.queue.get()
        if self.read_paused and self.queue.empty():
            self.read_paused = False
            if message.get("bytes") is None:
                self.transport.resume_reading()
            else:
                self.loop.call_later(self._pause_s(), self._read_on)
        return message

    def data_received(self, data: bytes) -> None:
        """Take what has arrived."""
        self._heard_since_ping = True
        super().data_received(data)

    def send_keepalive_ping(self) -> None:
        """Ask for a sign of life."""
        self._heard_since_ping = False
        super().send_keepalive_ping()

    def keepalive_timeout(self) -> None:
        """Let a silent peer go."""
        if self._heard_since_ping:
            self.pong_timer = self.pending_ping_payload = None
            self.schedule_ping()
            return
        super().keepalive_timeout()
        self.transport.abort()

    async def run_asgi(self) -> None:
        """Serve the connection, and see to it that it ends."""
        await super().run_asgi()
        if not self.disconnected:
            self._farewell = self.loop.call_later(FAREWELL_S, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        if self._farewell is not None:
            self._farewell.cancel()
        super().connection_lost(exc)

    def _pause_s(self) -> float:
        return min(MAX_PAUSE_S, PAUSE_PER_CONNECTION_S * len(self.connections))

    def _read_on(self) -> None:
        if not (self.read_paused or self.transport.is_closing()):
            self.transport.resume_reading()
