"""One connection: who it is, which session it is for, and the two tasks that read and write it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
import structlog
from fastapi import APIRouter
from starlette.routing import WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from app.api.bearer import SUBPROTOCOL, bearer_token
from app.api.websocket import admission
from app.api.websocket.authentication import Authenticator
from app.api.websocket.clock import Clock
from app.api.websocket.codec import decode_event, decode_run, encode_event, runs
from app.api.websocket.connection import Connection
from app.api.websocket.headcount import Headcount
from app.api.websocket.latency import Meter, NoMeter
from app.api.websocket.limits import Limits
from app.api.websocket.mailbox import Mailbox
from app.api.websocket.pace import Pace
from app.api.websocket.protocol import (
    Ack,
    Authenticate,
    AuthRefresh,
    ClientHeartbeat,
    CloseCode,
    ErrorEvent,
    Id,
    ProtocolError,
    ServerHeartbeat,
)
from app.api.websocket.socket import HAND_OVER, AsgiSocket, Socket, SocketClosed
from app.api.websocket.writer import ConnectionWriter
from app.origin import bind_origin

log = structlog.get_logger()


class Sessions(Protocol):
    """Where a connection finds its session."""

    async def open(self, session_id: UUID, user_id: UUID) -> Mailbox:
        """Return where the user's session is reached. Raises ProtocolError when it cannot be had."""
        ...


@dataclass(frozen=True, slots=True)
class Gate:
    """What every connection needs. `origins` are the web origins that may connect beside the server's own."""

    sessions: Sessions
    authenticator: Authenticator
    clock: Clock
    limits: Limits
    origins: frozenset[str] = frozenset()
    meter: Meter = field(default_factory=NoMeter)
    headcount: Headcount = field(default_factory=Headcount)


def session_router(gate: Callable[[], Gate]) -> APIRouter:
    """Return the route of the socket; `gate` is called once per connection."""
    router = APIRouter()
    router.routes.append(WebSocketRoute("/ws/{session_id}", _Endpoint(gate)))
    return router


class _Endpoint:
    """An ASGI application, for a framework's own kind of route keeps 10 kB for every open connection."""

    def __init__(self, gate: Callable[[], Gate]) -> None:
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive, send)
        gate = self._gate()
        if not origin_allowed(websocket, gate.origins):
            await websocket.close(CloseCode.PROTOCOL)
            return
        offered = SUBPROTOCOL in websocket.scope.get("subprotocols", ())
        await websocket.accept(subprotocol=SUBPROTOCOL if offered else None)
        client = websocket.query_params.get("client")
        bind_origin(scope)
        session_id, token = websocket.path_params["session_id"], bearer_token(scope)
        server = scope.get("extensions", {}).get(HAND_OVER)
        if server is None:
            await serve(AsgiSocket(scope, receive, send), session_id, token, gate, client)
        else:
            socket = AsgiSocket(scope, server["receive"], server["send"])
            serving = serve(socket, session_id, token, gate, client)
            server["to"](asyncio.create_task(serving, name="socket.serve"))


def origin_allowed(websocket: WebSocket, origins: frozenset[str]) -> bool:
    """Whether a page of this origin may connect. What is not a browser sends no origin and may."""
    origin = websocket.headers.get("origin")
    if origin is None or origin in origins:
        return True
    return urlsplit(origin).netloc == websocket.headers.get("host")


async def serve(
    socket: Socket, session_id: str, token: str | None, gate: Gate, client: str | None = None
) -> None:
    """Serve an accepted socket until it closes. `client` is the name that the client gives itself."""
    with suppress(SocketClosed):
        try:
            _check_name(client)
            user_id = await gate.authenticator.authenticate(socket, token, session_id)
            del token
            structlog.contextvars.bind_contextvars(user_id=str(user_id), session_id=session_id[:36])
            gate.headcount.enter(user_id, at_most=gate.limits.connections_per_user)
            try:
                session = await gate.sessions.open(_uuid(session_id), user_id)
                await _Conversation(socket, session, user_id, gate, client).run()
            finally:
                gate.headcount.leave(user_id)
        except ProtocolError as refused:
            await _refuse(socket, refused, gate.meter)
        except SocketClosed:
            raise
        except Exception:
            log.exception("socket.open_failed", session_id=session_id)
            await _refuse(socket, admission.internal(), gate.meter)


class _Conversation:
    def __init__(
        self, socket: Socket, session: Mailbox, user_id: UUID, gate: Gate, client: str | None
    ) -> None:
        self._socket = socket
        self._session = session
        self._user_id = user_id
        self._gate = gate
        limits = gate.limits
        self._connection = Connection(
            gate.clock,
            max_bytes=limits.outbox_bytes,
            max_errors=limits.errors,
            meter=gate.meter,
            client=client,
        )
        self._pace = Pace(
            bytes_per_s=limits.read_bytes_per_s, burst=limits.read_burst_bytes, now_ms=gate.clock.now_ms()
        )

    async def run(self) -> None:
        writer = ConnectionWriter(self._socket, self._connection, self._gate.clock, self._gate.limits)
        self._session.attach(self._connection)
        try:
            async with asyncio.TaskGroup() as tasks:
                reading = tasks.create_task(self._read(), name="socket.read")
                await writer.run()
                reading.cancel()
        except* SocketClosed:
            pass
        except* Exception:
            log.exception("socket.failed", session_id=str(self._session.id))
            with suppress(SocketClosed):
                await _refuse(self._socket, admission.internal(), self._gate.meter)
        finally:
            self._connection.leave()
            self._session.detach(self._connection)

    async def _read(self) -> None:
        while True:
            for run in runs(await self._socket.receive_all()):
                await self._take_at_its_pace(run)

    async def _take_at_its_pace(self, run: str | list[bytes]) -> None:
        closing = self._connection.closing
        if closing is not None and not closing.after_seq:
            return
        try:
            await self._take(run)
        except ProtocolError as error:
            self._connection.refuse(error)
        now_ms = self._gate.clock.now_ms()
        wait_ms = self._pace.spend((run,) if isinstance(run, str) else run, now_ms)
        if wait_ms > 0:
            await self._gate.clock.sleep_until(now_ms + wait_ms)

    async def _take(self, run: str | list[bytes]) -> None:
        if not isinstance(run, str):
            await self._session.receive(self._connection, decode_run(run), sum(map(len, run)))
            return
        event = decode_event(run)
        match event:
            case Authenticate(token=token) | AuthRefresh(token=token):
                await self._gate.authenticator.refresh(token, self._user_id)
            case ClientHeartbeat():
                self._connection.offer("heartbeat", ServerHeartbeat())
            case Ack():
                pass
            case _:
                await self._session.receive(self._connection, event, len(run))


def _check_name(client: str | None) -> None:
    try:
        msgspec.convert(client, Id | None)
    except msgspec.ValidationError:
        raise admission.bad_client() from None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise admission.unknown_session() from None


async def _refuse(socket: Socket, error: ProtocolError, meter: Meter) -> None:
    meter.refused(error.code)
    event = ErrorEvent(
        code=error.code,
        class_=error.blame,
        message=error.message,
        fatal=True,
        retryable=error.retry_after_ms is not None,
        retry_after_ms=error.retry_after_ms,
    )
    await socket.send_text(encode_event(event))
    await socket.close(error.close, error.code)
