"""A scripted exam server: real HTTP and a real socket, the real protocol, and a script instead of an exam."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.api.websocket.codec import decode_event, decode_frame, encode_event, encode_frame
from app.api.websocket.protocol import (
    AiReply,
    AudioFrame,
    ClientMessage,
    FrameKind,
    ServerEvent,
    SessionStart,
    SessionStarted,
    TtsAudio,
)
from client import Clock, LiveExam, Reconnect

PATIENCE_S = 5.0
EventT = TypeVar("EventT", bound=ClientMessage)


class Peer:
    """The client as the script sees it: everything received, in order, and ways to answer."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._changed = asyncio.Event()
        self.authorization = websocket.headers.get("authorization")
        self.client = websocket.query_params.get("client")
        self.events: list[ClientMessage] = []
        self.frames: list[AudioFrame] = []
        self.order: list[str] = []
        self.gone = False

    @property
    def audio(self) -> bytes:
        """The microphone signal received so far."""
        return b"".join(frame.payload for frame in self.frames)

    async def read(self) -> None:
        """Collect what the client sends until it goes."""
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                message = await self._websocket.receive()
                if message["type"] == "websocket.disconnect":
                    break
                if message.get("bytes") is not None:
                    self.frames.append(decode_frame(message["bytes"]))
                    self.order.append("frame")
                else:
                    event = decode_event(message["text"])
                    self.events.append(event)
                    self.order.append(type(event).__name__)
                self._changed.set()
        self.gone = True
        self._changed.set()

    async def until(self, met: Callable[[], bool]) -> None:
        """Wait for what the client is expected to send."""
        async with asyncio.timeout(PATIENCE_S):
            while not met():
                self._changed.clear()
                await self._changed.wait()

    async def expect(self, kind: type[EventT], number: int = 1) -> EventT:
        """Return the client's event of that type with that number, once it has come."""
        await self.until(lambda: len(self.of(kind)) >= number)
        return self.of(kind)[number - 1]

    def of(self, kind: type[EventT]) -> list[EventT]:
        """Every event of a type so far."""
        return [event for event in self.events if isinstance(event, kind)]

    async def send(self, *events: ServerEvent) -> None:
        """Send events."""
        for event in events:
            await self._websocket.send_text(encode_event(event).decode())

    async def send_raw(self, text: str) -> None:
        """Send what no codec would."""
        await self._websocket.send_text(text)

    async def speak(self, utterance_id: str, pcm: bytes, *, stream: int, rate: int, seq: int = 10) -> None:
        """Speak an utterance: begin, frames of 100 ms, end."""
        await self.send(
            TtsAudio(seq=seq, utterance_id=utterance_id, stream_id=stream, state="begin", sample_rate=rate)
        )
        size = rate // 10 * 2
        for number, at in enumerate(range(0, len(pcm), size)):
            piece = pcm[at : at + size]
            frame = AudioFrame(
                FrameKind.VOICE, stream, number, number * 100, piece, last=at + size >= len(pcm)
            )
            await self._websocket.send_bytes(encode_frame(frame))
        await self.send(
            TtsAudio(seq=seq + 1, utterance_id=utterance_id, stream_id=stream, state="end", sample_rate=rate)
        )

    async def voice(self, stream: int, pcm: bytes, *, offset_ms: int) -> None:
        """Send one frame of a voice."""
        await self._websocket.send_bytes(
            encode_frame(AudioFrame(FrameKind.VOICE, stream, 0, offset_ms, pcm, last=True))
        )

    async def begin(self) -> SessionStart:
        """Take the client's start and say that the session has begun."""
        start = await self.expect(SessionStart)
        await self.send(
            SessionStarted(
                seq=1, session_id="s1", mode="quick", clock="short", epoch=1, audio_in={}, audio_out={}
            )
        )
        return start

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the socket."""
        await self._websocket.close(code, reason)


Script = Callable[[Peer], Awaitable[None]]


@dataclass
class ExamServer:
    """The server; `replies` maps "GET /path" to (status, JSON or bytes), `requests` keeps what was asked."""

    script: Script | None = None
    refuse_socket: bool = False
    replies: dict[str, tuple[int, Any]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    peers: list[Peer] = field(default_factory=list)
    url: str = ""

    async def _http(self, request: Request) -> Response:
        key = f"{request.method} {request.url.path}"
        self.requests.append((key, dict(request.headers), await request.body()))
        status, body = self.replies.get(key, (404, {"code": "not_found", "detail": "Nothing here."}))
        media = "application/problem+json" if status >= 400 else "application/json"
        if isinstance(body, bytes):
            return Response(body, status)
        return JSONResponse(body, status, media_type=media)

    async def _socket(self, websocket: WebSocket) -> None:
        if self.refuse_socket:
            await websocket.close()
            return
        await websocket.accept()
        peer = Peer(websocket)
        self.peers.append(peer)
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(peer.read())
            assert self.script is not None
            await self.script(peer)
            await reading

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["ExamServer"]:
        """Serve on a free port until left."""
        routes = [
            WebSocketRoute("/ws/{session_id}", self._socket),
            Route("/{path:path}", self._http, methods=["GET", "POST"]),
        ]
        config = uvicorn.Config(
            Starlette(routes=routes), ws="websockets-sansio", lifespan="off", log_config=None, loop="none"
        )
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(server.serve(sockets=[listener]))
                try:
                    yield self
                finally:
                    server.should_exit = server.force_exit = True


def live(server: ExamServer, clock: Clock) -> LiveExam:
    """Return a client of the server that does not come back when the connection breaks."""
    return LiveExam(server.url, "s1", "a-token", clock=clock, reconnect=Reconnect.never())


def reply(seq: int, text: str = "Why?") -> AiReply:
    """Return an examiner's question."""
    return AiReply(
        seq=seq,
        utterance_id=f"u{seq}",
        text=text,
        part=1,
        kind="question",
        frame_conformance="verbatim",
        expects_answer=True,
        start_ms=0,
    )


async def only_begin(peer: Peer) -> None:
    """A script that says that the session has begun, and nothing more."""
    await peer.begin()
