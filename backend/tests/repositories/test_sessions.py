"""Sessions as their learner lists them."""

from uuid import UUID, uuid4

import psycopg
import pytest

from app.repositories.database import Database
from app.repositories.live_sessions import PostgresLiveSessions
from app.repositories.sessions import PostgresSessions
from app.services.accounts import UnknownUser
from app.services.session_archive import Position


@pytest.fixture
def sessions(database: Database) -> PostgresSessions:
    return PostgresSessions(database)


async def test_pages_show_every_session_once_newest_first(
    sessions: PostgresSessions, alice: UUID, bob: UUID, superuser: psycopg.Connection
) -> None:
    made = [(await sessions.create(alice, mode="part1", clock="standard", plan={})).id for _ in range(5)]
    await sessions.create(bob, mode="part1", clock="standard", plan={})
    # Three of the five share a moment, so that only the id tells them apart.
    superuser.execute("update sessions set created_at = '2026-01-01 00:00Z' where id = any(%s)", (made[1:4],))

    seen: list[UUID] = []
    after: Position | None = None
    while True:
        page = await sessions.page(alice, limit=2, after=after)
        seen += [item.id for item in page.items]
        if page.following is None:
            break
        after = page.following

    assert len(seen) == 5
    assert set(seen) == set(made)
    assert seen[:2] == [made[4], made[0]]
    assert seen[2:] == sorted(made[1:4], reverse=True)


async def test_a_last_page_that_is_full_names_no_next(sessions: PostgresSessions, alice: UUID) -> None:
    for _ in range(2):
        await sessions.create(alice, mode="part2", clock="standard", plan={})
    page = await sessions.page(alice, limit=2)
    assert len(page.items) == 2
    assert page.following is None


async def test_the_overview_carries_the_band_of_a_finished_analysis(
    sessions: PostgresSessions, alice: UUID, superuser: psycopg.Connection, database: Database
) -> None:
    created = await sessions.create(alice, mode="quick", clock="short", plan={})
    store = PostgresLiveSessions(database)
    claimed = await store.claim(created.id, alice)
    await store.finish(claimed, [], reason="completed", summary={}, audio_ms=90_000)
    superuser.execute(
        """
        with done as (
          update jobs set status = 'done', finished_at = now() where session_id = %s
          returning session_id, user_id
        )
        insert into analyses (session_id, user_id, method_version, result)
        select session_id, user_id, '1',
          '{"overall_band": 6.5, "overall": {"band_low": 5.5, "band_high": 7}}' from done
        """,
        (created.id,),
    )

    [overview] = (await sessions.page(alice, limit=5)).items
    assert (overview.analysis_status, overview.overall_band, overview.audio_ms) == ("done", 6.5, 90_000)
    assert (overview.band_low, overview.band_high, overview.method_version) == (5.5, 7.0, "1")


async def test_earlier_plans_are_those_of_sessions_that_had_begun(
    sessions: PostgresSessions, alice: UUID, bob: UUID, database: Database
) -> None:
    store = PostgresLiveSessions(database)
    for number in range(4):
        created = await sessions.create(alice, mode="part1", clock="standard", plan={"n": number})
        if number != 2:
            await store.claim(created.id, alice)

    assert await sessions.earlier_plans(alice, limit=2) == [{"n": 3}, {"n": 1}]
    assert await sessions.earlier_plans(bob) == []


async def test_a_session_needs_its_user(sessions: PostgresSessions) -> None:
    with pytest.raises(UnknownUser):
        await sessions.create(uuid4(), mode="part1", clock="standard", plan={})
