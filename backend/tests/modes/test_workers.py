"""Real server processes, real sockets, the real database; only the models are silent."""

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import UUID

import httpx
import psycopg
import pytest

from app.adapters.blob_filesystem import FilesystemBlobStore
from app.adapters.embedded_postgres import EmbeddedPostgres
from app.api.websocket.protocol import (
    AnalysisReady,
    AudioFrame,
    ErrorEvent,
    GoAway,
    ServerMessage,
    SessionResumed,
    TurnState,
)
from app.modes.child import Child, child
from app.repositories.live_sessions import LEASE_S
from app.services.speech import BYTES_PER_MS, AudioArchive
from bench.parts.silent_server import silent_server, silent_settings
from client import ClientError, LiveExam, Microphone, Reconnect, RestApi, Speech, SystemClock

PATIENCE_S = 40.0
DRAIN_S = 3
HANG_S = 4


class HeardMicrophone(Microphone):
    """Remembers what was spoken into it."""

    def __init__(self) -> None:
        super().__init__()
        self.spoken = bytearray()

    def take(self, ts_ms: int = 0) -> AudioFrame:
        frame = super().take(ts_ms)
        self.spoken += frame.payload
        return frame


class Sitting:
    """A learner in an exam over a real socket, who talks all the time and notes what comes."""

    def __init__(self, url: str, token: str, session_id: str) -> None:
        self.session_id = UUID(session_id)
        self.microphone = HeardMicrophone()
        self.events: list[ServerMessage] = []
        self.came = asyncio.Condition()
        self.exam = LiveExam(
            url,
            session_id,
            token,
            clock=SystemClock(),
            microphone=self.microphone,
            reconnect=Reconnect(first_wait_s=0.1, last_wait_s=0.5),
        )

    async def read(self) -> None:
        with suppress(ClientError):  # at the end there is no server to come back to
            async for event in self.exam:
                async with self.came:
                    self.events.append(event)
                    self.came.notify_all()

    async def saw(self, wanted: Callable[[ServerMessage], bool], *, after: int = 0) -> int:
        """Wait for an event beyond the first `after`; return how many there are with it."""
        async with asyncio.timeout(PATIENCE_S), self.came:
            while True:
                for number, event in enumerate(self.events[after:], start=after + 1):
                    if wanted(event):
                        return number
                await self.came.wait()


@asynccontextmanager
async def sitting(url: str) -> AsyncIterator[Sitting]:
    rest = RestApi(url)
    try:
        await rest.wait_until_ready(PATIENCE_S)
        token = await rest.sign_in(f"learner-{random.getrandbits(32)}")
        session = await rest.create_session("full")
    finally:
        await rest.aclose()
    made = Sitting(url, token, session["id"])
    async with made.exam as exam, asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(made.read())
        await exam.start()
        for _ in range(60):
            exam.say(Speech(random.randbytes(1_000 * BYTES_PER_MS)))
            exam.say(Speech(bytes(2_500 * BYTES_PER_MS), spans=()))
        await made.saw(lambda e: isinstance(e, TurnState) and e.state == "learner_speaking")
        yield made
        reading.cancel()


@pytest.fixture
async def workers(postgres: EmbeddedPostgres, tmp_path: Path) -> AsyncIterator[Child]:
    """Two server processes on one port, and their supervisor."""
    settings = silent_settings(postgres.conninfo, tmp_path) | {
        "DRAIN_SECONDS": str(DRAIN_S),
        "HANG_SECONDS": str(HANG_S),
    }
    async with child("bench.parts.silent_workers", ["2"], environment=settings) as supervisor:
        yield supervisor


def owner_of(superuser: psycopg.Connection, session_id: UUID) -> int | None:
    """The process that holds a session."""
    row = superuser.execute(
        "select lease_owner from sessions where id = %s and lease_until > now()", (session_id,)
    ).fetchone()
    return int(row[0].split(":")[1]) if row and row[0] else None


async def numbers_at(url: str) -> dict[str, float]:
    async with httpx.AsyncClient(trust_env=False) as http:
        lines = (await http.get(f"{url}/metrics")).raise_for_status().text.splitlines()
    samples = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in samples}


async def assert_nothing_was_lost(learner: Sitting, superuser: psycopg.Connection, blobs: Path) -> None:
    await learner.exam.end("enough")
    await learner.saw(lambda e: isinstance(e, AnalysisReady))
    stored = superuser.execute(
        "select seq from session_events where session_id = %s order by seq", (learner.session_id,)
    ).fetchall()
    assert [e.seq for e in learner.events if e.seq is not None] == [row[0] for row in stored]
    archive = AudioArchive(FilesystemBlobStore(blobs))
    stored_ms = await archive.stored_ms(learner.session_id)
    spoken = bytes(learner.microphone.spoken)
    assert stored_ms * BYTES_PER_MS == len(spoken)
    assert await archive.read_pcm(learner.session_id, 0, stored_ms) == spoken


async def test_an_exam_outlives_the_worker_that_is_stopped_and_the_one_that_is_killed(
    workers: Child, superuser: psycopg.Connection, tmp_path: Path
) -> None:
    url = workers.said["url"]
    async with sitting(url) as learner:
        first = owner_of(superuser, learner.session_id)
        assert first is not None
        os.kill(first, signal.SIGTERM)
        told = await learner.saw(lambda e: isinstance(e, GoAway))
        refused = await learner.saw(
            lambda e: isinstance(e, ErrorEvent) and e.code == "server_stopping", after=told
        )
        back = await learner.saw(lambda e: isinstance(e, SessionResumed), after=refused)
        second = owner_of(superuser, learner.session_id)
        assert second not in (first, None)
        numbers = await numbers_at(url)
        assert numbers['speakmate_sessions_active{mode="full"}'] == 1
        assert numbers['speakmate_sessions_ended_total{mode="full",reason="moved"}'] == 1
        assert numbers["speakmate_resumes_total"] == 1

        assert second is not None
        os.kill(second, signal.SIGKILL)
        async with asyncio.timeout(LEASE_S / 2):  # nobody waits for the lease to run out
            while owner_of(superuser, learner.session_id) == second:  # noqa: ASYNC110 - it rings no bell
                await asyncio.sleep(0.05)
        await learner.saw(lambda e: isinstance(e, SessionResumed), after=back)
        assert owner_of(superuser, learner.session_id) not in (second, None)
        numbers = await numbers_at(url)
        assert numbers['speakmate_sessions_active{mode="full"}'] == 1
        assert numbers["speakmate_resumes_total"] == 2
        await assert_nothing_was_lost(learner, superuser, tmp_path / "blobs")


async def test_an_exam_outlives_a_worker_that_hangs(
    workers: Child, superuser: psycopg.Connection, tmp_path: Path
) -> None:
    async with sitting(workers.said["url"]) as learner:
        hung = owner_of(superuser, learner.session_id)
        assert hung is not None
        seen = len(learner.events)
        os.kill(hung, signal.SIGSTOP)
        await learner.saw(lambda e: isinstance(e, SessionResumed), after=seen)
        assert owner_of(superuser, learner.session_id) not in (hung, None)
        with pytest.raises(ProcessLookupError):
            os.kill(hung, 0)
        await assert_nothing_was_lost(learner, superuser, tmp_path / "blobs")


async def test_told_to_stop_all_of_them_drain_and_nothing_is_left(
    workers: Child, superuser: psycopg.Connection
) -> None:
    url = workers.said["url"]
    async with sitting(url) as learner:
        workers.terminate()
        await learner.saw(lambda e: isinstance(e, GoAway))
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.get(f"{url}/ready")
        assert (answer.status_code, answer.json()["status"]) == (503, "stopping")
        async with asyncio.timeout(PATIENCE_S):
            assert await workers.gone() == 0
        assert owner_of(superuser, learner.session_id) is None
        await learner.exam.aclose()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", int(url.rsplit(":", 1)[1]))


async def test_a_session_that_hangs_does_not_keep_the_process(
    postgres: EmbeddedPostgres, superuser: psycopg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAIN_SECONDS", str(DRAIN_S))
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")  # nobody is there, and nothing minds
    async with silent_server(postgres.conninfo, tmp_path) as server, sitting(server.said["url"]) as learner:
        async with httpx.AsyncClient(trust_env=False) as http:
            health = await http.get(f"{server.said['url']}/health")
        assert health.json()["status"] == "ok"
        assert health.json()["dependencies"]["redis"] is False
        assert (await numbers_at(server.said["url"]))['speakmate_helper_up{name="redis"}'] == 0
        with superuser.transaction():
            superuser.execute("select 1 from sessions where id = %s for update", (learner.session_id,))
            began = time.monotonic()
            server.terminate()
            async with asyncio.timeout(PATIENCE_S):
                await server.gone()
        assert time.monotonic() - began < DRAIN_S + 1.5
        await learner.exam.aclose()
