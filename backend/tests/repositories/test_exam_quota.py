"""What one learner may begin, agreed on by all processes through the database."""

import asyncio
from uuid import UUID

import psycopg
import pytest

from app.repositories.database import Database
from app.repositories.live_sessions import PostgresLiveSessions
from app.repositories.sessions import PostgresSessions
from app.services.exam_quota import DailyMinutesUsed, ExamQuota, TooManyExams
from app.services.session_store import Checkpoint


async def created(database: Database, user_id: UUID) -> UUID:
    return (await PostgresSessions(database).create(user_id, mode="quick", clock="short", plan={})).id


async def test_so_many_exams_may_be_under_way_in_all_processes_together(
    database: Database, alice: UUID, bob: UUID
) -> None:
    quota = ExamQuota(exams=2)
    here = PostgresLiveSessions(database, owner="here", quota=quota)
    there = PostgresLiveSessions(database, owner="there", quota=quota)
    first = await here.claim(await created(database, alice), alice)
    await there.claim(await created(database, alice), alice)
    third = await created(database, alice)
    for process in (here, there):
        with pytest.raises(TooManyExams):
            await process.claim(third, alice)
    stored = await here.load(third, alice)
    assert stored is not None
    assert (stored.status, stored.epoch) == ("created", 0)
    await here.claim(await created(database, bob), bob)
    await here.finish(first, [], reason="completed", summary={}, audio_ms=0)
    assert (await there.claim(third, alice)).status == "live"


async def test_exams_begun_at_the_same_moment_are_not_more_than_allowed(
    database: Database, alice: UUID
) -> None:
    processes = [
        PostgresLiveSessions(database, owner=f"process {n}", quota=ExamQuota(exams=2)) for n in range(4)
    ]
    waiting = [await created(database, alice) for _ in range(8)]
    outcomes = await asyncio.gather(
        *(processes[n % 4].claim(session_id, alice) for n, session_id in enumerate(waiting)),
        return_exceptions=True,
    )
    assert sum(not isinstance(one, BaseException) for one in outcomes) == 2
    assert sum(isinstance(one, TooManyExams) for one in outcomes) == 6


async def test_an_exam_under_way_goes_on_and_is_resumed_whatever_was_used(
    database: Database, alice: UUID
) -> None:
    store = PostgresLiveSessions(database, owner="here", quota=ExamQuota(exams=1, daily_minutes=1))
    session = await store.claim(await created(database, alice), alice)
    await store.append(session, [], checkpoint=Checkpoint(audio_ms=3 * 60_000))
    await store.release(session)
    other = PostgresLiveSessions(database, owner="there", quota=ExamQuota(exams=1, daily_minutes=1))
    resumed = await other.claim(session.id, alice)
    await other.finish(resumed, [], reason="completed", summary={}, audio_ms=3 * 60_000)
    with pytest.raises(DailyMinutesUsed):
        await other.claim(await created(database, alice), alice)


async def test_minutes_come_back_after_a_day(
    database: Database, alice: UUID, superuser: psycopg.Connection
) -> None:
    store = PostgresLiveSessions(database, quota=ExamQuota(daily_minutes=1))
    session = await store.claim(await created(database, alice), alice)
    await store.finish(session, [], reason="completed", summary={}, audio_ms=60_000)
    later = await created(database, alice)
    with pytest.raises(DailyMinutesUsed):
        await store.claim(later, alice)
    superuser.execute(
        "update sessions set started_at = started_at - interval '24 hours' where id = %s", (session.id,)
    )
    assert (await store.claim(later, alice)).status == "live"


async def test_somebody_elses_session_is_not_there_with_a_quota_either(
    database: Database, alice: UUID, bob: UUID
) -> None:
    store = PostgresLiveSessions(database, quota=ExamQuota(exams=1))
    with pytest.raises(LookupError):
        await store.claim(await created(database, alice), bob)


async def test_a_learner_who_goes_round_the_application_begins_nothing_and_uses_no_less(
    database: Database, alice: UUID
) -> None:
    store = PostgresLiveSessions(database, quota=ExamQuota(daily_minutes=1))
    live = await store.claim(await created(database, alice), alice)
    await store.append(live, [], checkpoint=Checkpoint(audio_ms=60_000))
    later = await created(database, alice)
    for change in ("status = 'live'", "started_at = now() - interval '2 days'", "audio_ms = 0"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with database.as_user(alice) as connection:
                await connection.execute(
                    f"update sessions set {change} where audio_ms > 0 or id = %s", (later,)
                )
    with pytest.raises(DailyMinutesUsed):
        await store.claim(later, alice)


async def test_nobody_claims_what_is_somebody_elses(database: Database, alice: UUID, bob: UUID) -> None:
    store = PostgresLiveSessions(database, owner="here")
    waiting = await created(database, alice)
    under_way = await store.claim(await created(database, alice), alice)
    for session_id in (waiting, under_way.id):
        for owner in ("here", "there"):
            with pytest.raises(LookupError):
                await PostgresLiveSessions(database, owner=owner).claim(session_id, bob)
    stored = await store.load(under_way.id, alice)
    assert stored is not None
    assert stored.epoch == under_way.epoch
