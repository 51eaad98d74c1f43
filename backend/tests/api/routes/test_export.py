"""/api/v1/users/me/export: everything about a learner, and nothing about anybody else."""

import io
import json
import threading
import tracemalloc
import wave
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from app.api.wav import WavFile
from app.repositories.database import Database
from app.repositories.export import ACCOUNT, LEFT_OUT, SESSION, PostgresExport
from app.repositories.sessions import PostgresSessions
from app.services.errors import StorageUnavailable
from app.services.export import Export, ExportedSession, Rows
from app.services.reports import report_key
from app.services.speech.audio_keys import audio_key
from tests.fakes.memory_blobs import MemoryBlobs
from tests.supabase.catalogue import TABLES

EXPORT = "/api/v1/users/me/export"


def opened(response: httpx.Response) -> zipfile.ZipFile:
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(response.content))
    assert archive.testzip() is None
    return archive


def test_every_table_is_exported_or_left_out_for_a_reason(superuser: psycopg.Connection) -> None:
    tables = {name for name, *_ in superuser.execute(TABLES).fetchall()}
    assert tables == {"sessions"} | ACCOUNT.keys() | SESSION.keys() | LEFT_OUT.keys()


async def test_a_learner_takes_everything_along(
    as_alice: httpx.AsyncClient,
    as_bob: httpx.AsyncClient,
    bob: UUID,
    blobs: MemoryBlobs,
    superuser: psycopg.Connection,
) -> None:
    await as_alice.patch("/api/v1/users/me", json={"display_name": "Oʻgʻiloy"})
    created = (await as_alice.post("/api/v1/sessions", json={"mode": "quick"})).json()
    foreign = (await as_bob.post("/api/v1/sessions", json={"mode": "quick"})).json()
    session_id = UUID(created["id"])
    superuser.execute("update sessions set audio_ms = 1500 where id = %s", (session_id,))
    await blobs.put(audio_key(session_id, 0, 1), b"\1\0" * 16_000)
    await blobs.put(report_key(session_id), b"%PDF-1.7")

    archive = opened(await as_alice.get(EXPORT))

    names = set(archive.namelist())
    folder = f"sessions/{session_id}"
    assert names == {f"{table}.json" for table in ACCOUNT} | {
        "about.json",
        f"{folder}/session.json",
        f"{folder}/recording.wav",
        f"{folder}/report.pdf",
    }
    (profile,) = json.loads(archive.read("profiles.json"))
    assert profile["display_name"] == "Oʻgʻiloy"
    session = json.loads(archive.read(f"{folder}/session.json"))
    assert session.keys() == {"sessions"} | SESSION.keys()
    assert session["sessions"][0]["id"] == str(session_id)
    with wave.open(io.BytesIO(archive.read(f"{folder}/recording.wav"))) as recording:
        assert recording.getnframes() == 24_000  # the half second that is not stored is silent
        assert recording.readframes(24_000) == b"\1\0" * 16_000 + b"\0\0" * 8_000
    assert json.loads(archive.read("about.json"))["recordings_with_gaps"] == [f"{session_id} from 1000 ms"]
    assert archive.read(f"{folder}/report.pdf") == b"%PDF-1.7"
    actions = [row["action"] for row in json.loads(archive.read("audit_log.json"))]
    assert actions == ["account.created", "profile.changed", "session.created", "data.exported"]
    everything = b"".join(archive.read(name) for name in names)
    assert str(bob).encode() not in everything
    assert foreign["id"].encode() not in everything


async def test_long_tables_are_read_in_pages(
    as_alice: httpx.AsyncClient, alice: UUID, superuser: psycopg.Connection
) -> None:
    superuser.execute(
        """
        insert into training_cards (user_id, target, kind, criterion, material, memory, due)
        select %s, 'T-' || i, 'rule', 'pronunciation', '{}', '{}', now() from generate_series(1, 1203) i
        """,
        (alice,),
    )
    cards = json.loads(opened(await as_alice.get(EXPORT)).read("training_cards.json"))
    assert sorted(card["target"] for card in cards) == sorted(f"T-{i}" for i in range(1, 1204))


async def test_memory_does_not_grow_with_the_recordings(
    database: Database, alice: UUID, superuser: psycopg.Connection
) -> None:
    minutes, second = 30, bytes(32_000)

    class OneSecond(MemoryBlobs):
        """A recording of half an hour that takes no memory."""

        async def keys(self, folder: str) -> list[str]:
            """Name a piece for every second."""
            is_audio = folder.startswith("audio/")
            return [f"{folder}{s * 1_000:010d}-000001.pcm" for s in range(minutes * 60)] if is_audio else []

        async def get(self, key: str) -> bytes:
            """Return the same second always."""
            return second if key.startswith("audio/") else await super().get(key)

    created = await PostgresSessions(database).create(alice, mode="quick", clock="short", plan={})
    superuser.execute("update sessions set audio_ms = %s where id = %s", (minutes * 60_000, created.id))
    export = Export(PostgresExport(database), OneSecond(), wav_header=lambda ms: WavFile(0, ms).header)
    size = 0
    tracemalloc.start()
    try:
        async for chunk in export.archive(alice, now=datetime.now(UTC)):
            size += len(chunk)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size > minutes * 60 * 32_000
    assert peak < 12_000_000


async def test_others_are_served_while_documents_are_written(blobs: MemoryBlobs) -> None:
    writers = set[int]()

    class Row(dict[str, Any]):
        """Notes which thread reads it."""

        def items(self) -> Any:
            writers.add(threading.get_ident())
            return super().items()

    class Source:
        tables = ("profiles",)

        async def pages(self, user_id: UUID, table: str) -> AsyncIterator[Rows]:
            yield [Row(n=1), Row(n=2)]
            yield [Row(n=3)]

        async def sessions(self, user_id: UUID) -> AsyncIterator[ExportedSession]:
            yield ExportedSession(uuid4(), 0, {"turns": [Row(text="I live here.")]})

    export = Export(Source(), blobs, wav_header=lambda ms: b"")
    content = b"".join([chunk async for chunk in export.archive(uuid4(), now=datetime.now(UTC))])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert json.loads(archive.read("profiles.json")) == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert writers
    assert threading.get_ident() not in writers


async def test_what_breaks_off_is_no_archive(
    database: Database, as_alice: httpx.AsyncClient, alice: UUID, blobs: MemoryBlobs
) -> None:
    await as_alice.post("/api/v1/sessions", json={"mode": "quick"})
    blobs.down = True
    export = Export(PostgresExport(database), blobs, wav_header=lambda ms: WavFile(0, ms).header)
    content = bytearray()

    async def download() -> None:
        async for chunk in export.archive(alice, now=datetime.now(UTC)):
            content.extend(chunk)

    with pytest.raises(StorageUnavailable):
        await download()
    assert content
    assert not zipfile.is_zipfile(io.BytesIO(content))
