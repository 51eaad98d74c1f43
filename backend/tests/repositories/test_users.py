"""Accounts: made on first use, changed, erased whole."""

from datetime import date
from uuid import UUID, uuid4

import psycopg
import pytest

from app.repositories.database import Database
from app.repositories.erasure import PostgresErasure
from app.repositories.live_sessions import PostgresLiveSessions
from app.repositories.llm_calls import PostgresCallLog
from app.repositories.sessions import PostgresSessions
from app.repositories.users import PostgresAccounts
from app.services.accounts import UnknownUser
from app.services.prompt_manager import Budget, NewCall, OnBehalfOf
from app.services.session_store import NewEvent, TurnRecord


@pytest.fixture
def accounts(database: Database) -> PostgresAccounts:
    return PostgresAccounts(database)


async def test_signing_up_makes_a_profile(accounts: PostgresAccounts, alice: UUID) -> None:
    profile = await accounts.profile(alice)
    assert profile.id == alice
    assert (profile.native_language, profile.interface_language, profile.time_zone) == (
        "uz",
        "en",
        "Asia/Tashkent",
    )
    assert profile.display_name is profile.target_band is profile.exam_date is None


async def test_a_user_from_before_the_schema_gets_a_profile_on_first_use(
    accounts: PostgresAccounts, alice: UUID, superuser: psycopg.Connection
) -> None:
    superuser.execute("delete from profiles where id = %s", (alice,))
    assert (await accounts.profile(alice)).id == alice


async def test_update_changes_the_named_fields_only(accounts: PostgresAccounts, alice: UUID) -> None:
    before = await accounts.profile(alice)
    changed = await accounts.update(alice, {"display_name": "Alisa", "target_band": 6.5})
    again = await accounts.update(alice, {"exam_date": date(2027, 3, 1), "display_name": None})

    assert (changed.display_name, changed.target_band, changed.exam_date) == ("Alisa", 6.5, None)
    assert (again.display_name, again.target_band, again.exam_date) == (None, 6.5, date(2027, 3, 1))
    assert again.updated_at > before.updated_at
    assert await accounts.update(alice, {}) == again


async def test_only_the_users_own_fields_can_be_changed(accounts: PostgresAccounts, alice: UUID) -> None:
    with pytest.raises(ValueError, match="created_at"):
        await accounts.update(alice, {"created_at": None})


async def test_erasing_leaves_no_row(
    accounts: PostgresAccounts, database: Database, alice: UUID, bob: UUID, superuser: psycopg.Connection
) -> None:
    store = PostgresLiveSessions(database)
    for user_id in (alice, bob):
        created = await PostgresSessions(database).create(user_id, mode="part1", clock="standard", plan={})
        session = await store.claim(created.id, user_id)
        turn = TurnRecord(id=uuid4(), index=0, speaker="learner", part=1, text="Yes.", start_ms=0, end_ms=500)
        await store.append(session, [NewEvent("stt.final", {"type": "stt.final"})], turns=[turn])
        await store.finish(session, [], reason="completed", summary={}, audio_ms=500)
        call = NewCall(OnBehalfOf(user_id, created.id), "review", 1, "0" * 64, 10)
        assert await PostgresCallLog(database).begin(call, Budget(10, 10))

    receipt = await PostgresErasure(database).erase(alice)
    assert receipt == await PostgresErasure(database).erase(alice)
    assert await PostgresErasure(database).erase(uuid4()) is None

    written = {"sessions", "session_events", "turns", "jobs", "llm_calls", "audit_heads", "audit_log"}
    tables = superuser.execute(
        """
        select c.table_name from information_schema.columns c
        join information_schema.tables t using (table_schema, table_name)
        where c.table_schema = 'public' and c.column_name = 'user_id' and t.table_type = 'BASE TABLE'
        """
    ).fetchall()
    for (table,) in tables:
        rows = superuser.execute(f"select user_id from {table} where user_id = any(%s)", ([alice, bob],))
        left = {row[0] for row in rows}
        assert left == ({bob} if table in written else set()), table
    assert written < {table for (table,) in tables}
    with pytest.raises(UnknownUser):
        await accounts.profile(alice)
    with pytest.raises(UnknownUser):
        await accounts.update(alice, {"display_name": "Ghost"})
