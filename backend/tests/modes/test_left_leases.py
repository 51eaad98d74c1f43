"""What a dead server process held, in the real database."""

from uuid import UUID, uuid4

import pytest

from app.adapters.embedded_postgres import EmbeddedPostgres
from app.lease_owner import lease_owner, new_start
from app.modes.left_leases import release_left_by
from app.repositories.database import Database
from app.repositories.live_sessions import LEASE_S, PostgresLiveSessions
from app.repositories.sessions import PostgresSessions
from app.services.session_store import LeaseHeld, NewEvent, SessionRecord, StaleOwner

PID = 4_242


async def held_by(database: Database, owner: str, user: UUID) -> SessionRecord:
    created = await PostgresSessions(database).create(user, mode="quick", clock="short", plan={})
    return await PostgresLiveSessions(database, owner=owner).claim(created.id, user)


async def test_the_sessions_of_a_dead_process_are_free_at_once_and_its_late_writes_are_refused(
    database: Database, postgres: EmbeddedPostgres, alice: UUID, bob: UUID
) -> None:
    dead = lease_owner(new_start(), PID)
    sessions = [await held_by(database, dead, user) for user in (alice, bob)]
    other = PostgresLiveSessions(database, owner="another process")
    for session in sessions:
        with pytest.raises(LeaseHeld):
            await other.claim(session.id, session.user_id)

    await release_left_by(dead, postgres.conninfo)

    for session in sessions:
        with pytest.raises(StaleOwner):
            await PostgresLiveSessions(database, owner=dead).append(session, [NewEvent("warning", {})])
        taken = await other.claim(session.id, session.user_id)
        assert taken.epoch > session.epoch
        assert await other.append(taken, [NewEvent("warning", {})]) == 1


async def test_a_process_that_was_given_the_same_number_keeps_its_sessions(
    database: Database, postgres: EmbeddedPostgres, alice: UUID
) -> None:
    living = await held_by(database, lease_owner(new_start(), PID), alice)

    await release_left_by(lease_owner(new_start(), PID), postgres.conninfo)

    with pytest.raises(LeaseHeld):
        await PostgresLiveSessions(database, owner="another process").claim(living.id, alice)


async def test_a_database_that_is_away_is_asked_again_and_in_the_end_left_alone() -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            raise TimeoutError

    nobody = f"host=127.0.0.1 port=1 dbname=none user=none password={uuid4()} connect_timeout=1"
    await release_left_by("gone", nobody, sleep=sleep)
    assert len(waits) == 2
    assert sum(waits) < LEASE_S
