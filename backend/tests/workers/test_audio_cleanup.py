"""Recordings that were kept long enough: real database, blobs in memory."""

from uuid import UUID

import psycopg
import pytest

from app.repositories.database import Database
from app.repositories.jobs import PostgresJobs
from app.repositories.live_sessions import PostgresLiveSessions
from app.repositories.old_recordings import PostgresOldRecordings
from app.repositories.sessions import PostgresSessions
from app.services.job_queue import JobKind
from app.services.speech.audio_keys import audio_key
from app.workers.audio_cleanup import AudioCleanupHandler
from app.workers.job_worker import JobWorker
from tests.fakes.memory_blobs import MemoryBlobs

DAYS = 365


class World:
    """Sessions with recordings, and a worker that removes them."""

    def __init__(self, database: Database, superuser: psycopg.Connection) -> None:
        self.database = database
        self.superuser = superuser
        self.blobs = MemoryBlobs()
        self.recordings = PostgresOldRecordings(database)
        handler = AudioCleanupHandler(self.recordings, self.blobs)
        self.worker = JobWorker(PostgresJobs(database), [handler], on_done=lambda _: None, name="test")

    async def session(self, user_id: UUID, *, age_days: float, analysed: bool = True) -> UUID:
        """A session that ended so long ago, with a second of sound."""
        created = await PostgresSessions(self.database).create(user_id, mode="quick", clock="short", plan={})
        store = PostgresLiveSessions(self.database)
        live = await store.claim(created.id, user_id)
        await self.blobs.put(audio_key(live.id, 0, 1), bytes(32_000))
        await store.finish(live, [], reason="completed", summary={}, audio_ms=1_000)
        self.superuser.execute(
            "update sessions set ended_at = now() - make_interval(secs => %s) where id = %s",
            (age_days * 86_400, live.id),
        )
        if analysed:
            self.superuser.execute(
                "update jobs set status = 'done', finished_at = now() where session_id = %s", (live.id,)
            )
        return live.id

    def kept(self) -> set[str]:
        """The sessions that have sound."""
        return {key.split("/")[1] for key in self.blobs.blobs}


@pytest.fixture
def world(database: Database, superuser: psycopg.Connection) -> World:
    superuser.execute("truncate sessions cascade")
    return World(database, superuser)


async def test_what_was_kept_long_enough_goes_and_the_session_says_so(
    world: World, database: Database, alice: UUID
) -> None:
    old, young = await world.session(alice, age_days=366), await world.session(alice, age_days=364)
    assert await world.recordings.queue_removals(older_than_days=DAYS) == 1
    assert await world.recordings.queue_removals(older_than_days=DAYS) == 0
    assert await world.worker.work_once()
    assert not await world.worker.work_once()

    assert world.kept() == {str(young)}
    gone = await PostgresSessions(database).get(alice, old)
    there = await PostgresSessions(database).get(alice, young)
    assert gone is not None
    assert there is not None
    assert (gone.audio_ms, gone.audio_deleted_at is None) == (0, False)
    assert (there.audio_ms, there.audio_deleted_at) == (1_000, None)
    assert await world.recordings.queue_removals(older_than_days=DAYS) == 0


async def test_a_recording_that_its_analysis_waits_for_stays(world: World, alice: UUID) -> None:
    await world.session(alice, age_days=400, analysed=False)
    assert await world.recordings.queue_removals(older_than_days=DAYS) == 0


async def test_a_removal_that_was_cut_off_is_done_again(
    world: World, database: Database, alice: UUID
) -> None:
    old = await world.session(alice, age_days=366)
    await world.recordings.queue_removals(older_than_days=DAYS)
    jobs = PostgresJobs(database)
    dead = await jobs.claim("dead", frozenset({JobKind.AUDIO_CLEANUP}), lease_s=0)
    assert dead is not None
    await world.blobs.delete(f"audio/{old}/")  # and then it died
    assert await world.worker.work_once()
    gone = await PostgresSessions(database).get(alice, old)
    assert gone is not None
    assert gone.audio_deleted_at is not None


async def test_nobody_waits_behind_old_recordings(
    world: World, database: Database, alice: UUID, bob: UUID
) -> None:
    for _ in range(3):
        await world.session(alice, age_days=366)
    await world.recordings.queue_removals(older_than_days=DAYS)
    await world.session(bob, age_days=0, analysed=False)
    first = await PostgresJobs(database).claim("worker", frozenset(JobKind), lease_s=60)
    assert first is not None
    assert (first.kind, first.user_id) == (JobKind.ANALYSIS, bob)
