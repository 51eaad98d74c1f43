"""Our WebSocket under uvicorn, over real TCP, with peers that misbehave on the wire."""

import asyncio
import base64
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import uvicorn

from app.modes import read_pace
from app.modes.uvicorn_server import KEEPALIVE_S, server_config
from app.modes.uvicorn_socket import MicrophoneSocket

FRAME = bytes(660)


class Listener:
    """An application that keeps what it receives, and first sends `flood` messages of 64 kB."""

    def __init__(self) -> None:
        self.flood = 0
        self.received: list[str | bytes] = []
        self.gone: list[int] = []
        self.changed = asyncio.Event()

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        assert scope["type"] == "websocket"
        await receive()
        await send({"type": "websocket.accept"})
        flooding = asyncio.ensure_future(self._flood(send))
        while (message := await receive())["type"] == "websocket.receive":
            self.received.append(message.get("bytes") or message["text"])
            self.changed.set()
        flooding.cancel()
        self.gone.append(message["code"])
        self.changed.set()

    async def until(self, condition: Callable[[], object], *, within_s: float = 10) -> None:
        async with asyncio.timeout(within_s):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    async def _flood(self, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        for _ in range(self.flood):
            await send({"type": "websocket.send", "bytes": bytes(65_536)})


class Peer:
    """A client on a bare TCP socket; it answers no ping and reads only the handshake."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, port: int) -> "Peer":
        peer = cls(*await asyncio.open_connection("127.0.0.1", port, limit=1024))
        key = base64.b64encode(bytes(16)).decode()
        peer.writer.write(
            f"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        assert b" 101 " in await peer.reader.readuntil(b"\r\n\r\n")
        return peer

    def say(self, data: bytes | str) -> None:
        """Send one message, masked with zeros."""
        opcode, payload = (0x82, data) if isinstance(data, bytes) else (0x81, data.encode())
        self.writer.write(bytes((opcode, 0x80 | 126)) + len(payload).to_bytes(2) + bytes(4) + payload)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@contextlib.asynccontextmanager
async def serving(
    app: Listener, *, keepalive_s: float = KEEPALIVE_S
) -> AsyncIterator[tuple[int, uvicorn.Server]]:
    config = server_config(app)
    config.lifespan = "off"
    config.ws_ping_interval = config.ws_ping_timeout = keepalive_s
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    with socket.create_server(("127.0.0.1", 0)) as bound:
        running = asyncio.ensure_future(server.serve(sockets=[bound]))
        try:
            yield bound.getsockname()[1], server
        finally:
            server.should_exit = True
            await running


async def test_a_peer_that_neither_reads_nor_answers_is_cut_off(listener: Listener) -> None:
    listener.flood = 1_000
    async with serving(listener, keepalive_s=0.1) as (port, server):
        peer = await Peer.connect(port)
        await listener.until(lambda: listener.gone)
        assert not server.server_state.connections
        peer.writer.transport.abort()


async def test_a_peer_that_speaks_is_alive_without_a_pong(listener: Listener) -> None:
    async with serving(listener, keepalive_s=0.1) as (port, _):
        peer = await Peer.connect(port)
        for count in range(1, 13):
            peer.say(FRAME)
            with contextlib.suppress(TimeoutError):
                await listener.until(lambda: listener.gone, within_s=0.05)
            await listener.until(lambda: len(listener.received) >= count or listener.gone)  # noqa: B023
        assert not listener.gone
        await listener.until(lambda: listener.gone)


async def test_frames_are_read_together_in_order_and_a_word_after_them_is_not_lost(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = 0

    def counting(self: MicrophoneSocket, data: bytes) -> None:
        nonlocal reads
        reads += 1
        original(self, data)

    original = MicrophoneSocket.data_received
    monkeypatch.setattr(MicrophoneSocket, "data_received", counting)
    monkeypatch.setattr(read_pace, "PAUSE_PER_CONNECTION_S", 0.06)
    frames = [number.to_bytes(2) * 330 for number in range(30)]
    async with serving(listener) as (port, _):
        peer = await Peer.connect(port)
        for frame in frames:
            peer.say(frame)
            with contextlib.suppress(TimeoutError):
                await listener.until(lambda: listener.gone, within_s=0.005)
        peer.say("done")
        await listener.until(lambda: listener.received and listener.received[-1] == "done")
        peer.writer.transport.abort()
        await listener.until(lambda: listener.gone)
    assert listener.received == [*frames, "done"]
    assert 0 < reads < len(frames) / 3
