"""Erasing an account whole, whatever comes between: real database, blobs in memory."""

import asyncio
from uuid import UUID, uuid4

import psycopg
import pytest

from app.repositories.database import Database
from app.repositories.erasure import PostgresErasure
from app.repositories.sessions import PostgresSessions
from app.services.accounts import UnknownUser
from app.services.erasure import Erasure
from app.services.errors import StorageUnavailable
from app.services.reports import report_key
from app.services.speech.audio_keys import audio_key
from tests.fakes.memory_blobs import MemoryBlobs


class StumblingBlobs(MemoryBlobs):
    """Blobs whose store goes down once `deletions` folders were removed."""

    deletions = 10_000

    async def delete(self, folder: str) -> None:
        """Remove the folder, while the store still works."""
        if self.deletions == 0:
            raise StorageUnavailable("The store is down.")
        self.deletions -= 1
        await super().delete(folder)


@pytest.fixture
def blobs() -> StumblingBlobs:
    return StumblingBlobs()


@pytest.fixture
def erasure(database: Database, blobs: StumblingBlobs) -> Erasure:
    return Erasure(PostgresErasure(database), blobs)


async def with_files(
    database: Database, blobs: MemoryBlobs, user_id: UUID, *, sessions: int = 2
) -> list[UUID]:
    """Give the user sessions with two pieces of sound and a report each."""
    made = []
    for _ in range(sessions):
        session = await PostgresSessions(database).create(user_id, mode="quick", clock="short", plan={})
        await blobs.put(audio_key(session.id, 0, 1), bytes(64))
        await blobs.put(audio_key(session.id, 1_000, 1), bytes(64))
        await blobs.put(report_key(session.id), b"%PDF")
        made.append(session.id)
    return made


async def test_the_receipt_says_what_was_erased_and_names_nobody(
    erasure: Erasure,
    database: Database,
    blobs: StumblingBlobs,
    alice: UUID,
    superuser: psycopg.Connection,
) -> None:
    sessions = await with_files(database, blobs, alice)
    receipt = await erasure.erase(alice)
    assert receipt.rows["sessions"] == 2
    assert receipt.rows["audit_log"] == 3
    assert receipt.files == 6
    assert receipt.finished_at is not None
    assert blobs.blobs == {}
    row = superuser.execute("select r::text from erasure_receipts r where id = %s", (receipt.id,)).fetchone()
    assert row is not None
    assert not any(str(one) in row[0] for one in (alice, *sessions))
    assert await erasure.erase(alice) == receipt


async def test_somebody_who_never_was_has_nothing_to_erase(erasure: Erasure) -> None:
    with pytest.raises(UnknownUser):
        await erasure.erase(uuid4())


@pytest.mark.parametrize("deletions", [0, 1, 2, 3])
async def test_what_is_interrupted_is_finished_later(
    erasure: Erasure, database: Database, blobs: StumblingBlobs, alice: UUID, deletions: int
) -> None:
    await with_files(database, blobs, alice)
    blobs.deletions = deletions
    receipt = await erasure.erase(alice)
    assert receipt.finished_at is None
    with pytest.raises(StorageUnavailable):
        await erasure.finish_all()
    blobs.deletions = 10_000
    assert await erasure.finish_all() == 1
    assert blobs.blobs == {}
    finished = await erasure.erase(alice)
    assert finished.id == receipt.id
    assert finished.finished_at is not None
    assert await erasure.finish_all() == 0


async def test_erasing_again_goes_on_where_it_was_interrupted(
    erasure: Erasure, database: Database, blobs: StumblingBlobs, alice: UUID
) -> None:
    await with_files(database, blobs, alice)
    blobs.deletions = 1
    assert (await erasure.erase(alice)).finished_at is None
    blobs.deletions = 10_000
    assert (await erasure.erase(alice)).finished_at is not None
    assert blobs.blobs == {}


async def test_erasing_twice_at_once_is_once(
    erasure: Erasure, database: Database, blobs: StumblingBlobs, alice: UUID, superuser: psycopg.Connection
) -> None:
    await with_files(database, blobs, alice)
    before = superuser.execute("select count(*) from erasure_receipts").fetchone()
    receipts = await asyncio.gather(*(erasure.erase(alice) for _ in range(4)))
    assert len({receipt.id for receipt in receipts}) == 1
    assert before is not None
    assert superuser.execute("select count(*) from erasure_receipts").fetchone() == (before[0] + 1,)


async def test_sound_without_a_session_is_swept_and_nothing_else(
    erasure: Erasure, database: Database, blobs: StumblingBlobs, alice: UUID, bob: UUID
) -> None:
    (kept,) = await with_files(database, blobs, bob, sessions=1)
    (late,) = await with_files(database, blobs, alice, sessions=1)
    await erasure.erase(alice)
    await blobs.put(audio_key(late, 5_000, 1), bytes(64))  # it was under way while its session was erased
    await blobs.put(report_key(uuid4()), b"%PDF")
    await blobs.put("audio/notes/keep.txt", b"not a session's")
    assert await erasure.sweep() == 2
    assert {key.split("/")[1] for key in blobs.blobs} == {str(kept), "notes"}
    assert await erasure.sweep() == 0


async def test_a_receipt_is_shown_to_whoever_has_the_accounts_token_and_to_nobody_else(
    erasure: Erasure, database: Database, alice: UUID, bob: UUID
) -> None:
    receipt = await erasure.erase(alice)
    for user_id, seen in ((alice, [(receipt.id,)]), (bob, [])):
        async with database.as_user(user_id) as connection:
            cursor = await connection.execute("select id from erasure_receipts")
            assert await cursor.fetchall() == seen
