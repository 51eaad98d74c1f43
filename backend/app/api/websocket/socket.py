"""The transport of a connection, as little of it as is needed."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from starlette.types import Message, Receive, Scope, Send

from app.api.websocket.protocol import CloseCode

HAND_OVER = "speakmate.hand_over"
"""A server's extension, found in the scope: its `to` takes a task that goes on with the accepted connection
when the application has returned; its `receive` and `send` are the server's own."""
RECEIVE_ALL = "speakmate.receive_all"
"""A server's extension, found in the scope: its `receive` returns all that has come, as a list of events;
binary messages may be there as they are."""
MAX_REASON_BYTES = 120  # RFC 6455 section 5.5: a control frame carries 125 bytes, two of them the code


class SocketClosed(Exception):
    """The peer is gone."""


class Socket(Protocol):
    """An accepted WebSocket. Every method raises SocketClosed once the peer is gone."""

    async def receive(self) -> str | bytes:
        """Return the next message."""
        ...

    async def receive_all(self) -> list[str | bytes]:
        """Return the messages that have come, in order; wait for one if there is none."""
        ...

    async def send_text(self, data: bytes) -> None:
        """Send UTF-8 text."""
        ...

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary message."""
        ...

    async def close(self, code: CloseCode, reason: str) -> None:
        """Close with a code."""
        ...


class AsgiSocket:
    """A Socket on the server's own interface: a framework's costs several calls more for every message."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._receive_all: Callable[[], Awaitable[list[Message | bytes]]] | None = (
            scope.get("extensions", {}).get(RECEIVE_ALL, {}).get("receive")
        )
        self._send = send
        self._gone: str | None = None

    async def receive(self) -> str | bytes:
        """Return the next message."""
        return self._messages([await self._receive()])[0]

    async def receive_all(self) -> list[str | bytes]:
        """Return the messages that have come."""
        if self._gone is not None:
            raise SocketClosed(self._gone)
        if self._receive_all is None:
            return [await self.receive()]
        return self._messages(await self._receive_all())

    async def send_text(self, data: bytes) -> None:
        """Send UTF-8 text."""
        await self._say({"type": "websocket.send", "text": data.decode()})

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary message."""
        await self._say({"type": "websocket.send", "bytes": data})

    async def close(self, code: CloseCode, reason: str) -> None:
        """Close with a code."""
        short = reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")
        await self._say({"type": "websocket.close", "code": int(code), "reason": short})

    def _messages(self, events: Sequence[Message | bytes]) -> list[str | bytes]:
        messages: list[str | bytes] = []
        for event in events:
            if isinstance(event, bytes):
                messages.append(event)
                continue
            if event["type"] == "websocket.disconnect":
                self._gone = str(event.get("code"))
                break
            text: str | None = event.get("text")
            messages.append(event.get("bytes") or b"" if text is None else text)
        if not messages:
            raise SocketClosed(self._gone)
        return messages

    async def _say(self, message: Message) -> None:
        try:
            await self._send(message)
        except (OSError, RuntimeError) as gone:
            raise SocketClosed(str(gone)) from gone
