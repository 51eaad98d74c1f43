"""The socket over real TCP: handshake, tokens, close codes. The exam behind it runs on fakes."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator
from uuid import UUID

import jwt
import msgspec
import pytest
import uvicorn
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.api.auth import SharedSecret, TokenVerifier
from app.api.websocket.authentication import Authenticator
from app.api.websocket.codec import decode_frame, encode_event
from app.api.websocket.handlers import Gate, session_router
from app.api.websocket.limits import Limits
from app.api.websocket.protocol import (
    AudioConfig,
    Authenticate,
    ClientMessage,
    FrameKind,
    SessionEnd,
    SessionResume,
    SessionStart,
)
from app.middleware.monitoring import PrometheusMeter
from app.middleware.security import (
    Edge,
    MemoryBuckets,
    Rate,
    RouteClass,
    identified_by,
    install_security,
)
from app.modes.uvicorn_socket import MicrophoneSocket
from app.services.socket_tickets import SocketTickets
from tests.fakes.world import ALICE, BOB, World, world

HANDSHAKES = 12
"""Of one user in an hour."""
SECRET = "a secret of at least thirty-two bytes, for tests"


def token(user: UUID = ALICE, *, life_s: int = 60, secret: str = SECRET) -> str:
    claims = {
        "sub": str(user),
        "aud": "authenticated",
        "role": "authenticated",
        "exp": int(time.time()) + life_s,
    }
    return jwt.encode(claims, secret, algorithm="HS256")


class Site:
    """A server with sessions behind it."""

    def __init__(self, w: World, port: int) -> None:
        self.world = w
        self.port = port

    def connect(
        self,
        session_id: object,
        *,
        bearer: str | None = None,
        subprotocols: list[str] | None = None,
        origin: str | None = None,
        query: str = "",
    ) -> connect:
        headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
        return connect(
            f"ws://127.0.0.1:{self.port}/ws/{session_id}{query}",
            additional_headers=headers,
            subprotocols=subprotocols,  # type: ignore[arg-type]
            origin=origin,  # type: ignore[arg-type]
            compression=None,
            max_queue=None,  # one who does not read on never sees the answer to their own close
        )


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    limits = Limits(auth_ms=300)
    async with world(limits) as w:
        authenticator = Authenticator(
            TokenVerifier(SharedSecret(SECRET)),
            first_message_ms=limits.auth_ms,
            redeem=SocketTickets(w.tickets).redeem,
        )
        gate = Gate(
            w.manager, authenticator, w.parts.clock, limits, origins=frozenset({"https://coach.example"})
        )
        app = FastAPI()
        app.include_router(session_router(lambda: gate))
        install_security(
            app,
            Edge(
                rates=dict.fromkeys(RouteClass, Rate(HANDSHAKES, 3_600)),
                per_address=2,
                buckets=MemoryBuckets(),
                identify=identified_by(TokenVerifier(SharedSecret(SECRET))),
                meter=PrometheusMeter(),
            ),
        )
        config = uvicorn.Config(
            app,
            ws=MicrophoneSocket,
            ws_per_message_deflate=False,
            ws_max_size=1_048_576,
            lifespan="off",
            log_config=None,
            loop="none",
        )
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        with socket.create_server(("127.0.0.1", 0)) as listener:
            running = asyncio.ensure_future(server.serve(sockets=[listener]))
            yield Site(w, listener.getsockname()[1])
            server.should_exit = True
            await running


async def send(client: ClientConnection, *events: ClientMessage) -> None:
    for event in events:
        await client.send(encode_event(event).decode())


async def until(client: ClientConnection, type_: str) -> dict[str, object]:
    """Read on to an event of the type."""
    async with asyncio.timeout(10):
        while True:
            message = await client.recv()
            if isinstance(message, str) and (event := msgspec.json.decode(message))["type"] == type_:
                return dict(event)


async def closed(client: ClientConnection) -> tuple[int, list[str]]:
    """Read to the end; return the close code and the codes of the errors before it."""
    errors: list[str] = []
    async with asyncio.timeout(10):
        try:
            while True:
                message = await client.recv()
                if isinstance(message, str) and (event := msgspec.json.decode(message))["type"] == "error":
                    errors.append(event["code"])
        except ConnectionClosed as end:
            return end.rcvd.code if end.rcvd else 1006, errors


async def test_an_exam_over_a_socket_from_the_token_to_the_analysis(site: Site) -> None:
    session = site.world.create()
    async with site.connect(session.id, bearer=token()) as client:
        await send(client, AudioConfig(), SessionStart())
        started = await until(client, "session.started")
        assert started["seq"] == 1
        assert await until(client, "ai.reply")
        async with asyncio.timeout(10):
            while not isinstance(message := await client.recv(), bytes):
                pass
        frame = decode_frame(message)
        assert (frame.kind, frame.offset_ms) == (FrameKind.VOICE, 0)
        await send(client, SessionEnd())
        assert await until(client, "session.summary_ready")
        site.world.finish_analysis(session.id)
        assert await until(client, "session.analysis_ready")
        assert await closed(client) == (1000, [])


async def test_the_token_may_come_as_a_subprotocol(site: Site) -> None:
    session = site.world.create()
    async with site.connect(session.id, subprotocols=["bearer", token()]) as client:
        assert client.subprotocol == "bearer"
        await send(client, SessionStart())
        assert await until(client, "session.started")


async def test_the_token_may_come_in_the_first_message(site: Site) -> None:
    session = site.world.create()
    async with site.connect(session.id) as client:
        await send(client, Authenticate(token=token()), SessionStart())
        assert await until(client, "session.started")


async def test_a_ticket_may_come_in_the_address_and_opens_once(site: Site) -> None:
    session = site.world.create()
    query = f"?ticket={await site.world.ticket(session.id)}"
    async with site.connect(session.id, query=query) as client:
        await send(client, SessionStart())
        assert await until(client, "session.started")
        async with site.connect(session.id, query=query) as again:
            assert await closed(again) == (4401, ["ticket_invalid"])


async def test_a_token_in_the_address_is_passed_over(site: Site) -> None:
    async with site.connect(site.world.create().id, query=f"?ticket={token()}") as client:
        assert await closed(client) == (4401, ["token_missing"])


@pytest.mark.parametrize(
    ("bearer", "code"),
    [
        (token(life_s=-60), "token_expired"),
        (token(secret="another secret of at least thirty-two bytes"), "token_invalid"),
        ("nonsense", "token_invalid"),
        ("x" * 5_000, "token_invalid"),
    ],
)
async def test_a_bad_token_is_refused(site: Site, bearer: str, code: str) -> None:
    session = site.world.create()
    async with site.connect(session.id, bearer=bearer) as client:
        assert await closed(client) == (4401, [code])


async def test_no_token_in_time_is_refused(site: Site) -> None:
    async with site.connect(site.world.create().id) as client:
        assert await closed(client) == (4401, ["token_missing"])


async def test_a_foreign_or_missing_session_is_not_there(site: Site) -> None:
    foreign = site.world.create(user=BOB)
    for session_id in (foreign.id, "0b0b0b0b-0000-4000-8000-000000000000", "nonsense"):
        async with site.connect(session_id, bearer=token()) as client:
            assert await closed(client) == (4404, ["unknown_session"])


async def test_a_newer_connection_closes_the_older(site: Site) -> None:
    session = site.world.create()
    async with site.connect(session.id, bearer=token()) as older:
        await send(older, SessionStart())
        await until(older, "session.started")
        async with site.connect(session.id, bearer=token()) as newer:
            assert await closed(older) == (4409, ["superseded"])
            await send(newer, SessionResume(session_id=str(session.id), last_seq=0))
            assert (await until(newer, "session.resumed"))["continuity"] is True
            assert (await until(newer, "session.started"))["seq"] == 1


async def test_what_is_too_big_is_refused_with_a_reason(site: Site) -> None:
    for message in ("x" * 70_000, bytes(40_000)):
        async with site.connect(site.world.create().id, bearer=token()) as client:
            await client.send(message)
            assert await closed(client) == (4413, ["too_big"])


async def test_a_message_beyond_all_bounds_is_cut_off_by_the_server(site: Site) -> None:
    async with site.connect(site.world.create().id, bearer=token()) as client:
        await send(client, SessionStart())
        await until(client, "session.started")
        with contextlib.suppress(ConnectionClosed):
            await client.send(bytes(16 * 1024 * 1024))
        assert await closed(client) == (1009, [])


async def test_a_strange_web_page_may_not_connect(site: Site) -> None:
    session = site.world.create()
    with pytest.raises(InvalidStatus) as refused:
        async with site.connect(session.id, bearer=token(), origin="https://evil.example"):
            pass
    assert refused.value.response.status_code == 403
    for origin in ("https://coach.example", f"http://127.0.0.1:{site.port}"):
        async with site.connect(session.id, bearer=token(), origin=origin) as client:
            assert client.subprotocol is None


async def test_a_connection_that_vanishes_is_noticed(site: Site) -> None:
    session = site.world.create()
    async with site.connect(session.id, bearer=token()) as client:
        await send(client, SessionStart())
        await until(client, "ai.reply")
        client.transport.abort()
    mailbox = await site.world.manager.open(session.id, ALICE)
    await site.world.until(lambda: mailbox.connection is None, within_s=5)


async def test_who_connects_too_often_is_refused_at_the_door(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    session = site.world.create()
    for _ in range(HANDSHAKES):
        async with site.connect(session.id, bearer=token()):
            pass
    with pytest.raises(InvalidStatus) as refused:
        async with site.connect(session.id, bearer=token()):
            pass
    response = refused.value.response
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0
    assert msgspec.json.decode(response.body)["code"] == "rate_limited"
    assert not caplog.records, "a refusal is no error of ours"
    async with site.connect(site.world.create(user=BOB).id, bearer=token(BOB)) as other:
        await send(other, SessionStart())
        await until(other, "session.started")
