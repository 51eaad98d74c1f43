"""A WebSocket without a network: the server's end is a Socket, the client's end belongs to the test."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import msgspec

from app.api.websocket.codec import decode_frame, decode_server_event, encode_event, encode_frame
from app.api.websocket.protocol import AudioFrame, ClientMessage, CloseCode, ServerMessage
from app.api.websocket.socket import SocketClosed

AT_ONCE = 8
"""Messages that the server's end gets in one read, if there are as many."""


class Pipe:
    """Both ends. `block` makes the client read nothing more; `cut` is the network going away."""

    def __init__(self, on_message: Callable[[ServerMessage | AudioFrame], None] | None = None) -> None:
        self.received: list[ServerMessage] = []
        self.frames: list[AudioFrame] = []
        self.raw: list[dict[str, object]] = []
        self.code: int | None = None
        self.reason = ""
        self._reading = asyncio.Event()
        self._reading.set()
        self._on_message = on_message
        self._to_server: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self._gone = False
        self._pulse = asyncio.Event()

    # --- the client's end -------------------------------------------------------------------------------

    def send(self, event: ClientMessage) -> None:
        """Send an event."""
        self.send_raw(encode_event(event).decode())

    def send_frame(self, frame: AudioFrame) -> None:
        """Send a binary frame."""
        self.send_raw(encode_frame(frame))

    def send_raw(self, message: str | bytes) -> None:
        """Send anything at all."""
        if not self._gone:
            self._to_server.put_nowait(message)

    def block(self) -> None:
        """Read nothing more."""
        self._reading.clear()

    def ignore(self) -> None:
        """Let nobody be told any more what comes."""
        self._on_message = None

    def cut(self) -> None:
        """Break the connection."""
        self._gone = True
        self._to_server.put_nowait(None)
        self._pulse.set()

    @property
    def unread(self) -> int:
        """How many messages the server has not yet taken."""
        return self._to_server.qsize()

    @property
    def open(self) -> bool:
        """Whether the connection stands."""
        return not self._gone

    async def until(self, condition: Callable[[], object], within_s: float = 60.0) -> None:
        """Return once the condition holds; raises TimeoutError."""
        async with asyncio.timeout(within_s):
            while not condition():
                self._pulse.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.2):
                        await self._pulse.wait()

    async def closed(self, within_s: float = 60.0) -> int:
        """Return the close code once there is one."""
        await self.until(lambda: self.code is not None, within_s)
        assert self.code is not None
        return self.code

    def of(self, kind: type[msgspec.Struct]) -> list[ServerMessage]:
        """Return the events of a type received so far."""
        return [event for event in self.received if isinstance(event, kind)]

    # --- the server's end: a Socket ---------------------------------------------------------------------

    async def receive(self) -> str | bytes:
        message = None if self._gone and self._to_server.empty() else await self._to_server.get()
        if message is None:
            raise SocketClosed
        return message

    async def receive_all(self) -> list[str | bytes]:
        messages = [await self.receive()]
        while len(messages) < AT_ONCE and not self._to_server.empty():
            if (message := self._to_server.get_nowait()) is None:
                break
            messages.append(message)
        return messages

    async def send_text(self, data: bytes) -> None:
        await self._writable()
        event = decode_server_event(data)
        self.raw.append(msgspec.json.decode(data))
        self.received.append(event)
        self._deliver(event)

    async def send_bytes(self, data: bytes) -> None:
        await self._writable()
        frame = decode_frame(data)
        self.frames.append(frame)
        self._deliver(frame)

    async def close(self, code: CloseCode, reason: str) -> None:
        await self._writable()
        self.code, self.reason = int(code), reason
        self._gone = True
        self._to_server.put_nowait(None)
        self._pulse.set()

    async def _writable(self) -> None:
        await self._reading.wait()
        if self._gone:
            raise SocketClosed

    def _deliver(self, message: ServerMessage | AudioFrame) -> None:
        self._pulse.set()
        if self._on_message is not None:
            self._on_message(message)
