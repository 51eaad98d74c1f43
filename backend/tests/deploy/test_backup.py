"""A backup is worth what can be restored from it: all is made, backed up, destroyed, and found again."""

import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from app.adapters.blob_filesystem import FilesystemBlobStore
from app.adapters.embedded_postgres import EmbeddedPostgres
from app.adapters.embedded_postgres.binaries import find_binaries
from app.config import REPOSITORY
from app.repositories.analyses import PostgresAnalyses
from app.repositories.analysis_desk import PostgresAnalysisDesk
from app.repositories.database import Database
from app.repositories.jobs import PostgresJobs
from app.repositories.live_sessions import PostgresLiveSessions
from app.repositories.schema import apply_schema
from app.repositories.sessions import PostgresSessions
from app.repositories.users import PostgresAccounts
from app.services.job_queue import JobKind
from app.services.session_store import NewEvent, TurnRecord
from app.services.speech.audio_archive import AudioArchive
from app.services.speech.audio_keys import audio_key

BACKUP, RESTORE = REPOSITORY / "deploy/backup.sh", REPOSITORY / "deploy/restore.sh"
SOUND = bytes(range(256)) * 125
RESULT = {"overall_band": 6.5, "criteria": []}
DESTROY = "drop schema public, auth, schema_history cascade; create schema public"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A database of this test's own, for it is destroyed."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("lost")) as server:
        apply_schema(
            server.superuser_conninfo, login_role=server.login_role, login_password=server.login_password
        )
        yield server


@asynccontextmanager
async def opened(server: EmbeddedPostgres) -> Any:
    database = Database(server.conninfo, max_size=2)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


def run(
    script: Path, folder: Path, server: EmbeddedPostgres, blobs: Path, *command: str | Path, **more: str
) -> Any:
    environment = os.environ | {
        "BACKUP_DATABASE_URL": server.superuser_conninfo,
        "RESTORE_DATABASE_URL": server.superuser_conninfo,
        "BLOBS": str(blobs),
        "PG_BIN": str(find_binaries().bin),
        **more,
    }
    return subprocess.run(
        [script, folder, *command], env=environment, capture_output=True, text=True, check=False
    )


async def an_analysed_session(server: EmbeddedPostgres, blobs: Path) -> tuple[UUID, UUID]:
    user_id = uuid4()
    turn = TurnRecord(
        id=uuid4(), index=0, speaker="learner", part=1, text="I am student.", start_ms=0, end_ms=1_000
    )
    async with opened(server) as database:
        await PostgresAccounts(database).add_development_user(user_id, f"{user_id}@example.test")
        session = await PostgresSessions(database).create(user_id, mode="quick", clock="short", plan={})
        store = PostgresLiveSessions(database)
        live = await store.claim(session.id, user_id)
        await FilesystemBlobStore(blobs).put(audio_key(session.id, 0, 1), SOUND)
        await store.append(live, [NewEvent("stt.final", {"type": "stt.final"})], turns=[turn])
        await store.finish(live, [], reason="completed", summary={"words": 3}, audio_ms=1_000)
        job = await PostgresJobs(database).claim("one", frozenset({JobKind.ANALYSIS}), lease_s=60)
        assert job is not None
        ready = NewEvent("session.analysis_ready", {"type": "session.analysis_ready", "status": "done"})
        desk = PostgresAnalysisDesk(database)
        await desk.complete(job, method_version="1", result=RESULT, findings=[], event=ready)
    return user_id, session.id


async def test_what_was_lost_is_found_again(server: EmbeddedPostgres, tmp_path: Path) -> None:
    blobs, backup = tmp_path / "blobs", tmp_path / "backup"
    user_id, session_id = await an_analysed_session(server, blobs)
    (blobs / "audio" / ".half-0123").write_bytes(b"an upload that never ended")
    made = run(BACKUP, backup, server, blobs)
    assert made.returncode == 0, made.stderr
    assert (backup.stat().st_mode & 0o077, (backup / "database.dump").stat().st_mode & 0o077) == (0, 0)

    refused = run(RESTORE, backup, server, tmp_path / "elsewhere")
    assert refused.returncode == 1
    assert "tables already" in refused.stderr

    shutil.rmtree(blobs)
    with psycopg.connect(server.superuser_conninfo, autocommit=True) as connection:
        connection.execute(DESTROY)

    restored = run(RESTORE, backup, server, blobs)
    assert restored.returncode == 0, restored.stderr
    async with opened(server) as database:
        assert await database.is_ready()
        session = await PostgresSessions(database).get(user_id, session_id)
        assert session is not None
        assert session.status == "ended"
        analysis = await PostgresAnalyses(database).of_session(user_id, session_id)
        assert analysis is not None
        assert (analysis.status, analysis.result) == ("done", RESULT)
        events = await PostgresLiveSessions(database).events_after(session_id, user_id, 0)
        assert [event.type for event in events] == ["stt.final", "session.analysis_ready"]
        assert await PostgresAnalyses(database).of_session(uuid4(), session_id) is None
    archive = AudioArchive(FilesystemBlobStore(blobs))
    assert await archive.read_pcm(session_id, 0, 1_000) == SOUND
    assert not list(blobs.rglob(".*"))


async def test_a_copy_of_the_bucket_is_brought_up_to_date_once_the_database_is_read(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    bucket, copy, backup = tmp_path / "bucket", tmp_path / "copy", tmp_path / "backup"
    _, session_id = await an_analysed_session(server, bucket)
    missing = run(BACKUP, tmp_path / "empty", server, copy)
    assert missing.returncode == 1
    assert f"and {copy} holds none" in missing.stderr
    assert not (tmp_path / "empty" / "SHA256SUMS").exists()

    made = run(BACKUP, backup, server, copy, "sh", "-c", f"ls {backup} && cp -r {bucket} {copy}")
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("database.dump\n")
    with tarfile.open(backup / "blobs.tar") as kept:
        assert f"./{audio_key(session_id, 0, 1)}" in kept.getnames()


def test_a_backup_is_never_written_over_and_a_damaged_one_never_restored(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    backup, blobs = tmp_path / "backup", tmp_path / "blobs"
    (blobs / "audio" / "one").mkdir(parents=True)
    assert run(BACKUP, backup, server, blobs).returncode == 0
    assert run(BACKUP, backup, server, blobs).returncode != 0
    with (backup / "blobs.tar").open("r+b") as file:
        file.write(b"damaged")
    refused = run(RESTORE, backup, server, tmp_path / "new")
    assert refused.returncode != 0
    assert "blobs.tar: FAILED" in refused.stdout
    assert not (tmp_path / "new").exists()


def test_a_backup_that_fails_says_that_it_is_not_one(server: EmbeddedPostgres, tmp_path: Path) -> None:
    """The application's own role sees no rows: a dump made with it would be empty, and is refused."""
    failed = run(BACKUP, tmp_path / "backup", server, tmp_path / "blobs", BACKUP_DATABASE_URL=server.conninfo)
    assert failed.returncode != 0
    assert "is not complete" in failed.stderr
    assert not (tmp_path / "backup" / "SHA256SUMS").exists()
