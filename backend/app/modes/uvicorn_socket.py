"""uvicorn's WebSocket for many microphones: fewer and larger reads, and a peer that is gone is let go."""

import asyncio
from typing import Any, cast

from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import OPEN

from app.api.websocket.socket import HAND_OVER, RECEIVE_ALL
from app.modes.arrivals import Arrival, Arrivals
from app.modes.binary_frames import MAX_HEADER_BYTES, frame_size, take_binary
from app.modes.outgoing import Outgoing
from app.modes.read_pace import ReadPace
from app.modes.rough_timer import RoughTimer
from app.services.flag import Flag

FAREWELL_S = 12.0
"""How long a peer may take to read what was left for it when its connection ended."""


class MicrophoneSocket(WebSocketsSansIOProtocol):
    """Leaves audio in the system's buffer for a moment, so that several frames are read at once.

    A frame costs the process two system calls and three turns of the event loop however small it is, and
    three frames together cost no more. How long the moment is, ReadPace says. After text the next message is
    read at once.

    Binary messages pass by the library's parser, which sees only whole frames of every other kind.

    An application may hand an accepted connection over to a task. Its middleware is done with it then, which
    takes 10 kB for every connection that it stands around, and so is all that took part in the handshake.

    A peer that sends anything at all is alive, even if its pong is late. One that is not is cut off: closing
    alone would wait for it to read what is buffered, and it never will.
    """

    __slots__ = (
        "_arrivals",
        "_farewell",
        "_handed_over",
        "_heard_since_ping",
        "_pace",
        "_part",
        "_part_wants",
        "_timer",
        # Of uvicorn's own: with more than thirty that are not in slots each connection has a table of names.
        "app_state",
        "asgi_version",
        "close_timeout",
        "default_headers",
        "handshake_initiated",
        "initial_response",
        "last_ping_rtt",
        "ping_sent_at",
        "root_path",
        "scheme",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._arrivals = Arrivals()
        self.queue = cast("asyncio.Queue[ASGIReceiveEvent]", self._arrivals)
        self.writable = cast("asyncio.Event", Flag())
        self.writable.set()
        self._handed_over = False
        self._timer = RoughTimer.of(self.loop)
        self._pace = ReadPace.of(self.loop)
        self._part = bytearray()
        self._part_wants = 0
        self._heard_since_ping = False
        self._farewell: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A peer is there."""
        super().connection_made(Outgoing(cast("asyncio.Transport", transport), self.loop))

    def handle_connect(self, event: Request) -> None:
        """Offer the application to receive several messages at once."""
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["extensions"][RECEIVE_ALL] = {"receive": self.receive_all}
            self.scope["extensions"][HAND_OVER] = {
                "to": self.hand_over_to,
                "receive": self.receive,
                "send": self.send,
            }

    def hand_over_to(self, task: asyncio.Task[None]) -> None:
        """Let `task` go on with the connection, which ends with it."""
        self._handed_over = True
        self.tasks.add(task)
        task.add_done_callback(self._served)

    async def receive(self) -> ASGIReceiveEvent:
        """Return the next message."""
        while (message := self._arrivals.take()) is None:
            await self._arrivals.next()
        if self._arrivals.empty():
            self._read_soon(message)
        return message

    async def receive_all(self) -> list[Arrival]:
        """Return the messages that have come, at least one."""
        while not (messages := self._arrivals.take_all()):
            await self._arrivals.next()
        self._read_soon(messages[-1])
        return messages

    async def send(self, message: ASGISendEvent) -> None:
        """Send a message; a handshake that was refused is over, which uvicorn logs as an error of ours."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and self.close_sent:
            self.handshake_complete = True

    def data_received(self, data: bytes) -> None:
        """Take what has arrived."""
        self._heard_since_ping = True
        if self._part:
            self._part += data
            if len(self._part) < self._part_wants and self.conn.state is OPEN:
                return
            data = bytes(self._part)
            self._part.clear()
        at = 0
        while at < len(data) and self.conn.state is OPEN:
            if self.conn.current_size is None:
                at = self._take_binary(data, at)
            size = frame_size(data, at)
            if size is not None and size - MAX_HEADER_BYTES > self.config.ws_max_size:
                break
            if size is None or at + size > len(data):
                self._part += data[at:]
                self._part_wants = size or len(self._part) + 1
                return
            super().data_received(data[at : at + size])
            at += size
        if at < len(data):
            super().data_received(data[at:])

    def schedule_ping(self) -> None:
        """Ask for a sign of life in a while."""
        assert self.ping_interval is not None
        self._timer.call_later(self.ping_interval, self.send_keepalive_ping)

    def send_keepalive_ping(self) -> None:
        """Ask for a sign of life."""
        self._heard_since_ping = False
        super().send_keepalive_ping()

    def keepalive_timeout(self) -> None:
        """Let a silent peer go; ask one again that did not answer and said something else."""
        if self._heard_since_ping:
            self.pong_timer = self.pending_ping_payload = None
            self.send_keepalive_ping()
            return
        super().keepalive_timeout()
        self.transport.abort()

    async def run_asgi(self) -> None:
        """Serve the connection, which ends with the application if it has not been handed over."""
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except Exception:
            self.logger.exception("The application failed at a connection.")
        if self._handed_over:
            self._forget_handshake()
            return
        if not self.handshake_complete:
            self.logger.error("The application did not answer a handshake.")
            self.send_500_response()
        self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        if self._farewell is not None:
            self._farewell.cancel()
        super().connection_lost(exc)

    def _forget_handshake(self) -> None:
        self.request.headers.clear()
        self.response.headers.clear()
        del self.scope, self.request, self.response

    def _served(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            self.logger.error("The application failed at a connection.", exc_info=failure)
        self._end()

    def _end(self) -> None:
        if self.close_timer is None:
            self.transport.close()
        if not self.disconnected:
            self._farewell = self.loop.call_later(FAREWELL_S, self.transport.abort)

    def _take_binary(self, data: bytes, at: int) -> int:
        messages: list[bytes] = []
        end = take_binary(data, at, messages)
        if not messages:
            return end
        self._arrivals.put_all(messages)
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()
        return end

    def _read_soon(self, last: Arrival) -> None:
        if not self.read_paused:
            return
        self.read_paused = False
        if isinstance(last, bytes) or last.get("bytes") is not None:
            self._timer.call_later(self._pace.pause_s(len(self.connections)), self._read_on)
        else:
            self.transport.resume_reading()

    def _read_on(self) -> None:
        if not (self.read_paused or self.transport.is_closing()):
            self.transport.resume_reading()
