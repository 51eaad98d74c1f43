"""SIGTERM while two hundred learners are in an exam: a real process, real sockets, the real database."""

import asyncio
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from app.adapters.blob_filesystem import FilesystemBlobStore
from app.adapters.embedded_postgres import EmbeddedPostgres
from app.api.websocket.codec import encode_event, encode_frame
from app.api.websocket.protocol import (
    AudioConfig,
    AudioFrame,
    ClientEvent,
    CloseCode,
    FrameKind,
    SessionStart,
)
from app.repositories.database import Database
from app.repositories.sessions import PostgresSessions
from app.services.speech import BYTES_PER_MS, AudioArchive
from bench.parts.silent_server import silent_server
from client import RestApi
from tests.fakes.exam_plan import plan_for

LEARNERS = 200
DRAIN_S = 20
AT_ONCE = 20
SPOKEN_MS = 2_500
FRAME_MS = 500
PATIENCE_S = 150.0


class Learner:
    """Speaks for a moment, again when told to go, and keeps everything it is told."""

    def __init__(self, session_id: UUID) -> None:
        self.session_id = session_id
        self.events: list[dict[str, Any]] = []
        self.spoken = b""
        self.code: int | None = None
        self.acknowledged = asyncio.Event()

    @property
    def acked_ms(self) -> int:
        return max((e["received_ms"] for e in self.events if e["type"] == "ack"), default=0)

    @property
    def seqs(self) -> list[int]:
        return [event["seq"] for event in self.events if event.get("seq")]

    def told(self, kind: str) -> bool:
        return any(event["type"] == kind for event in self.events)

    async def sit(self, url: str, token: str) -> None:
        address = f"ws{url.removeprefix('http')}/ws/{self.session_id}"
        headers = {"Authorization": f"Bearer {token}"}
        async with connect(address, additional_headers=headers, compression=None) as socket:
            await _say(socket, AudioConfig(frame_ms=FRAME_MS))
            await _say(socket, SessionStart(seq=1))
            try:
                while True:
                    message = await socket.recv()
                    if isinstance(message, str):
                        await self._take(msgspec.json.decode(message), socket)
            except ConnectionClosed as closed:
                self.code = closed.rcvd.code if closed.rcvd else None

    async def _take(self, event: dict[str, Any], socket: ClientConnection) -> None:
        self.events.append(event)
        match event["type"]:
            case "session.started":
                await self._speak(socket, SPOKEN_MS)
            case "error" if event["code"] in ("storage_unavailable", "not_ready") and not event["fatal"]:
                await _say(socket, SessionStart(seq=1))
            case "session.go_away":
                await self._speak(socket, FRAME_MS)
            case "ack":
                self.acknowledged.set()
            case _:
                pass

    async def _speak(self, socket: ClientConnection, ms: int) -> None:
        for _ in range(ms // FRAME_MS):
            at_ms = len(self.spoken) // BYTES_PER_MS
            pcm = random.randbytes(FRAME_MS * BYTES_PER_MS)
            await socket.send(encode_frame(AudioFrame(FrameKind.MICROPHONE, 0, 0, at_ms, pcm)))
            self.spoken += pcm


async def _say(socket: ClientConnection, event: ClientEvent) -> None:
    await socket.send(encode_event(event).decode())


async def _created(database: Database, user_id: UUID) -> list[Learner]:
    sessions = PostgresSessions(database)
    plan = plan_for("full").to_dict()
    records = [
        await sessions.create(user_id, mode="full", clock="standard", plan=plan) for _ in range(LEARNERS)
    ]
    return [Learner(record.id) for record in records]


async def _assert_kept(learner: Learner, stored: Sequence[int], blobs: Path) -> None:
    """What the learner was told is stored, and so is every sample that was acknowledged."""
    assert learner.seqs == list(range(1, len(learner.seqs) + 1))
    assert list(stored[: len(learner.seqs)]) == learner.seqs
    archive = AudioArchive(FilesystemBlobStore(blobs))
    stored_ms = await archive.stored_ms(learner.session_id)
    assert stored_ms >= learner.acked_ms > 0
    pcm = await archive.read_pcm(learner.session_id, 0, stored_ms)
    assert pcm == learner.spoken[: len(pcm)]


@pytest.mark.timeout(300)  # two cores that others use take their time for 30 s of work
async def test_two_hundred_learners_are_told_to_go_and_nothing_that_was_acknowledged_is_lost(
    database: Database,
    postgres: EmbeddedPostgres,
    superuser: psycopg.Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DRAIN_SECONDS", str(DRAIN_S))
    monkeypatch.setenv("CONNECTIONS_PER_USER", str(LEARNERS))
    async with silent_server(postgres.conninfo, tmp_path) as server, asyncio.TaskGroup() as tasks:
        rest = RestApi(server.said["url"])
        await rest.wait_until_ready(PATIENCE_S)
        token = await rest.sign_in("two-hundred-tabs")
        learners = await _created(database, UUID((await rest.me())["id"]))
        await rest.aclose()
        async with asyncio.timeout(PATIENCE_S):
            for first in range(0, LEARNERS, AT_ONCE):
                coming = learners[first : first + AT_ONCE]
                for learner in coming:
                    tasks.create_task(learner.sit(server.said["url"], token))
                await asyncio.gather(*(learner.acknowledged.wait() for learner in coming))
        began = time.monotonic()
        server.terminate()
        async with asyncio.timeout(PATIENCE_S):
            await server.gone()
        took_s = time.monotonic() - began
    assert took_s < DRAIN_S + 1.5
    assert [learner.session_id for learner in learners if not learner.told("session.go_away")] == []
    assert {learner.code for learner in learners} == {CloseCode.DRAIN}
    held = superuser.execute(
        "select count(*) from sessions where id = any(%s) and (lease_owner is not null or status <> 'live')",
        ([learner.session_id for learner in learners],),
    ).fetchone()
    assert held == (0,)
    for learner in learners:
        rows = superuser.execute(
            "select seq from session_events where session_id = %s order by seq", (learner.session_id,)
        ).fetchall()
        await _assert_kept(learner, [row[0] for row in rows], tmp_path / "blobs")
