"""The transport of a connection, as little of it as is needed."""

from typing import Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from app.api.websocket.protocol import CloseCode

MAX_REASON_BYTES = 120  # RFC 6455 section 5.5: a control frame carries 125 bytes, two of them the code


class SocketClosed(Exception):
    """The peer is gone."""


class Socket(Protocol):
    """An accepted WebSocket. Every method raises SocketClosed once the peer is gone."""

    async def receive(self) -> str | bytes:
        """Return the next message."""
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


class StarletteSocket:
    """A Socket on Starlette's."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket

    async def receive(self) -> str | bytes:
        """Return the next message."""
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise SocketClosed(str(message.get("code")))
        text: str | None = message.get("text")
        data: bytes = message.get("bytes") or b""
        return data if text is None else text

    async def send_text(self, data: bytes) -> None:
        """Send UTF-8 text."""
        await self._send({"type": "websocket.send", "text": data.decode()})

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary message."""
        await self._send({"type": "websocket.send", "bytes": data})

    async def close(self, code: CloseCode, reason: str) -> None:
        """Close with a code."""
        short = reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")
        await self._send({"type": "websocket.close", "code": int(code), "reason": short})

    async def _send(self, message: dict[str, object]) -> None:
        try:
            await self._websocket.send(message)
        except (WebSocketDisconnect, OSError, RuntimeError) as gone:
            raise SocketClosed(str(gone)) from gone
