"""Calls to language models on record: what they cost counts, from whichever process they come."""

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import psycopg
import pytest

from app.repositories.database import Database
from app.repositories.llm_calls import PostgresCallLog
from app.repositories.sessions import PostgresSessions
from app.services.language_model import Usage
from app.services.prompt_manager import Budget, CallEnd, NewCall, OnBehalfOf

BUDGET = Budget(session_tokens=1_000, daily_tokens=1_500)


@pytest.fixture
def log(database: Database) -> PostgresCallLog:
    return PostgresCallLog(database)


async def a_call(database: Database, user_id: UUID, reserved: int = 400) -> NewCall:
    session = await PostgresSessions(database).create(user_id, mode="quick", clock="short", plan={})
    return NewCall(OnBehalfOf(user_id, session.id), "review", 1, "0" * 64, reserved)


async def test_a_call_is_kept_with_its_end(
    database: Database, log: PostgresCallLog, alice: UUID, bob: UUID, superuser: psycopg.Connection
) -> None:
    call_id = await log.begin(await a_call(database, alice), BUDGET)
    assert call_id is not None
    end = CallEnd("replied", 812, Usage(300, 40), "gemini", "gemini\x00-1")
    await log.finish(call_id, end)
    await log.finish(call_id, replace(end, outcome="late"))
    row = superuser.execute(
        "select prompt, prompt_version, prompt_sha256, outcome, provider, model, input_tokens, output_tokens,"
        " latency_ms, spent_tokens from llm_calls where id = %s",
        (call_id,),
    ).fetchone()
    assert row == ("review", 1, "0" * 64, "replied", "gemini", "gemini-1", 300, 40, 812, 340)
    for user_id, sees in ((alice, 1), (bob, 0)):
        async with database.as_user(user_id) as connection:
            found = await connection.execute("select outcome from llm_calls where id = %s", (call_id,))
            assert len(await found.fetchall()) == sees


@pytest.mark.parametrize("statement", ["update llm_calls set input_tokens = 0", "delete from llm_calls"])
async def test_a_learner_can_not_change_what_is_on_record(
    database: Database, log: PostgresCallLog, alice: UUID, statement: str
) -> None:
    await log.begin(await a_call(database, alice), BUDGET)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with database.as_user(alice) as connection:
            await connection.execute(statement)


async def test_a_sessions_budget_counts_what_is_under_way(
    database: Database, log: PostgresCallLog, alice: UUID
) -> None:
    call = await a_call(database, alice)
    began = await asyncio.gather(*(log.begin(call, BUDGET) for _ in range(5)))
    assert sum(call_id is not None for call_id in began) == 2
    (first, _) = (call_id for call_id in began if call_id is not None)
    await log.finish(first, CallEnd("replied", 1, Usage(10, 10)))
    assert await log.begin(call, BUDGET) is not None
    assert await log.begin(call, BUDGET) is None


async def test_a_call_of_unknown_cost_counts_as_reserved(
    database: Database, log: PostgresCallLog, alice: UUID
) -> None:
    call = await a_call(database, alice, reserved=600)
    for end, room in ((CallEnd("overloaded", 1, Usage()), True), (CallEnd("late", 1, None), False)):
        call_id = await log.begin(call, BUDGET)
        assert call_id is not None
        await log.finish(call_id, end)
        second = await log.begin(call, BUDGET)
        assert (second is not None) is room
        if second is not None:
            await log.finish(second, CallEnd("unreachable", 1, Usage()))


async def test_a_learners_day_is_over_after_24_hours(
    database: Database, log: PostgresCallLog, alice: UUID, bob: UUID, superuser: psycopg.Connection
) -> None:
    for _ in range(2):
        assert await log.begin(await a_call(database, alice, 700), BUDGET) is not None
    assert await log.begin(await a_call(database, alice, 700), BUDGET) is None
    assert await log.begin(await a_call(database, bob, 700), BUDGET) is not None
    superuser.execute(
        "update llm_calls set created_at = now() - interval '25 hours' where user_id = %s", (alice,)
    )
    assert await log.begin(await a_call(database, alice, 700), BUDGET) is not None


async def test_nothing_is_asked_about_a_session_that_is_gone_or_anothers(
    database: Database, log: PostgresCallLog, alice: UUID, bob: UUID
) -> None:
    call = await a_call(database, alice)
    assert await log.begin(replace(call, learner=OnBehalfOf(alice, uuid4())), BUDGET) is None
    assert await log.begin(replace(call, learner=OnBehalfOf(bob, call.learner.session_id)), BUDGET) is None
