"""/api/v1/feedback and /api/v1/rules"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from app.repositories.analysis_desk import PostgresAnalysisDesk
from app.repositories.database import Database
from app.repositories.jobs import PostgresJobs
from app.repositories.live_sessions import PostgresLiveSessions
from app.repositories.sessions import PostgresSessions
from app.services.hybrid_analyzer.findings import Finding, finding_id
from app.services.job_queue import JobKind
from app.services.session_store import NewEvent, TurnRecord
from tests.api.conftest import problem
from tests.conftest import NewUser

FEEDBACK = "/api/v1/feedback"
RULES = "/api/v1/rules"
RULE = "AGR-EVERYONE"

MakeFinding = Callable[[UUID], Awaitable[str]]


@pytest.fixture(autouse=True)
def nothing_said_yet(superuser: psycopg.Connection) -> None:
    superuser.execute("truncate finding_feedback, findings, analyses, jobs")


@pytest.fixture
def found(database: Database) -> MakeFinding:
    """Make an analysed session of a user with one finding; return the finding's id."""

    async def make(user_id: UUID) -> str:
        created = await PostgresSessions(database).create(user_id, mode="quick", clock="short", plan={})
        store, jobs = PostgresLiveSessions(database), PostgresJobs(database)
        live = await store.claim(created.id, user_id)
        turn = TurnRecord(
            id=uuid4(), index=0, speaker="learner", part=1, text="Everyone like it.", start_ms=0, end_ms=900
        )
        await store.append(live, [], turns=[turn])
        await store.finish(live, [], reason="completed", summary={}, audio_ms=900)
        job = await jobs.claim("worker", frozenset(JobKind), lease_s=60)
        assert job is not None
        finding = Finding(
            id=finding_id(str(turn.id), RULE, 9, 13),
            rule_id=RULE,
            category="R:VERB:SVA",
            criterion="grammatical_range_accuracy",
            severity="medium",
            confidence=0.9,
            source="rule",
            turn_id=str(turn.id),
            char_start=9,
            char_end=13,
            start_ms=None,
            end_ms=None,
            quote="like",
            correction="likes",
            explanation="-",
        )
        await PostgresAnalysisDesk(database).complete(
            job, method_version="method-7", result={}, findings=[finding], event=NewEvent("done", {})
        )
        return finding.id

    return make


async def test_a_learner_disputes_a_finding(
    as_alice: httpx.AsyncClient, alice: UUID, found: MakeFinding
) -> None:
    finding = await found(alice)
    response = await as_alice.post(FEEDBACK, json={"finding_id": finding, "comment": " I said “likes”. "})
    assert response.status_code == 201
    given = response.json()
    assert (given["finding_id"], given["verdict"]) == (finding, "wrong")
    assert given["comment"] == "I said “likes”."
    assert (given["rule_id"], given["rule_version"], given["method_version"]) == (RULE, 1, "method-7")


async def test_saying_it_again_changes_nothing_and_another_word_takes_its_place(
    as_alice: httpx.AsyncClient, alice: UUID, found: MakeFinding, superuser: psycopg.Connection
) -> None:
    body = {"finding_id": await found(alice)}
    first = await as_alice.post(FEEDBACK, json=body)
    again = await as_alice.post(FEEDBACK, json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    back = await as_alice.post(FEEDBACK, json={**body, "verdict": "right"})
    assert (back.status_code, back.json()["verdict"]) == (200, "right")
    assert back.json()["created_at"] == first.json()["created_at"]
    assert superuser.execute("select count(*) from finding_feedback").fetchone() == (1,)


async def test_the_analysis_tells_its_learner_what_they_said(
    as_alice: httpx.AsyncClient, alice: UUID, found: MakeFinding
) -> None:
    finding = await found(alice)
    given = (await as_alice.post(FEEDBACK, json={"finding_id": finding})).json()
    address = f"/api/v1/analysis/sessions/{given['session_id']}"
    for verdict in ("wrong", "right"):
        await as_alice.post(FEEDBACK, json={"finding_id": finding, "verdict": verdict})
        shown = (await as_alice.get(address)).json()["findings"]
        assert [(f["id"], f["verdict"]) for f in shown] == [(finding, verdict)]


async def test_the_same_word_many_times_at_once_is_one(
    as_alice: httpx.AsyncClient, alice: UUID, found: MakeFinding, superuser: psycopg.Connection
) -> None:
    body = {"finding_id": await found(alice)}
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(as_alice.post(FEEDBACK, json=body)) for _ in range(8)]
    assert sorted(t.result().status_code for t in tasks) == [200] * 7 + [201]
    assert superuser.execute("select count(*) from finding_feedback").fetchone() == (1,)


async def test_an_unknown_and_a_foreign_finding_are_alike(
    as_bob: httpx.AsyncClient, alice: UUID, found: MakeFinding, superuser: psycopg.Connection
) -> None:
    for finding in (await found(alice), "f_0000000000000000"):
        response = await as_bob.post(FEEDBACK, json={"finding_id": finding})
        assert (response.status_code, problem(response)["code"]) == (404, "finding_not_found")
    assert superuser.execute("select count(*) from finding_feedback").fetchone() == (0,)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"finding_id": ""},
        {"finding_id": "f_\x00"},
        {"finding_id": "f" * 65},
        {"finding_id": 7},
        {"finding_id": ["f_1"]},
        {"finding_id": "f_1", "verdict": "maybe"},
        {"finding_id": "f_1", "comment": "   "},
        {"finding_id": "f_1", "comment": "x" * 501},
        {"finding_id": "f_1", "comment": "a\x00b"},
        {"finding_id": "f_1", "rule_id": "UZ-G01"},
        [],
        "f_1",
    ],
)
async def test_what_cannot_be_understood_is_named(as_alice: httpx.AsyncClient, body: Any) -> None:
    response = await as_alice.post(FEEDBACK, json=body)
    assert (response.status_code, problem(response)["code"]) == (422, "request_invalid")
    assert problem(response)["errors"]


async def test_without_a_token_nothing_is_said_or_shown(client: httpx.AsyncClient) -> None:
    assert (await client.post(FEEDBACK, json={"finding_id": "f_1"})).status_code == 401
    assert (await client.get(RULES)).status_code == 401


async def standing(client: httpx.AsyncClient) -> dict[str, Any]:
    (found,) = [r for r in (await client.get(RULES)).json()["items"] if r["rule_id"] == RULE]
    assert isinstance(found, dict)
    return found


async def test_one_learner_moves_a_rule_and_many_switch_it_off(
    sign_in: Callable[[UUID], httpx.AsyncClient],
    as_alice: httpx.AsyncClient,
    alice: UUID,
    new_user: NewUser,
    found: MakeFinding,
) -> None:
    before = await standing(as_alice)
    assert (before["state"], before["learners_disputing"]) == ("active", 0)

    for _ in range(6):
        await as_alice.post(FEEDBACK, json={"finding_id": await found(alice)})
    hostile = await standing(as_alice)
    assert (hostile["state"], hostile["learners_disputing"], hostile["learners_shown"]) == ("active", 1, 1)
    assert hostile["precision"] < before["precision"]

    disputed: list[tuple[httpx.AsyncClient, str]] = []
    for _ in range(4):
        user_id = await new_user()
        client = sign_in(user_id)
        finding = await found(user_id)
        assert (await client.post(FEEDBACK, json={"finding_id": finding})).status_code == 201
        disputed.append((client, finding))
    off = await standing(as_alice)
    assert (off["state"], off["learners_disputing"], off["learners_shown"]) == ("off", 5, 5)
    assert off["precision"] < off["floor"] == 0.8

    for client, finding in disputed:
        await client.post(FEEDBACK, json={"finding_id": finding, "verdict": "right"})
    assert (await standing(as_alice))["state"] == "active"


async def test_rules_are_listed_in_order(as_alice: httpx.AsyncClient) -> None:
    items = (await as_alice.get(RULES)).json()["items"]
    assert len(items) > 50
    assert [i["rule_id"] for i in items] == sorted(i["rule_id"] for i in items)
    assert all(0 <= i["precision"] <= 1 and i["flags_right"] <= i["flags_read"] for i in items)


async def test_erasing_a_learner_erases_what_they_said(
    as_alice: httpx.AsyncClient, alice: UUID, found: MakeFinding, superuser: psycopg.Connection
) -> None:
    await as_alice.post(FEEDBACK, json={"finding_id": await found(alice)})
    assert (await as_alice.delete("/api/v1/users/me")).status_code == 200
    assert superuser.execute("select count(*) from finding_feedback").fetchone() == (0,)
