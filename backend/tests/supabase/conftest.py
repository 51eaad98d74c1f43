"""Two learners who each have a row in every table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

import psycopg
import pytest

from app.adapters.embedded_postgres import EmbeddedPostgres
from app.repositories.analysis_desk import PostgresAnalysisDesk
from app.repositories.audit import PostgresAudit
from app.repositories.database import Database
from app.repositories.finding_feedback import PostgresFeedback
from app.repositories.jobs import PostgresJobs
from app.repositories.live_sessions import PostgresLiveSessions
from app.repositories.llm_calls import PostgresCallLog
from app.repositories.sessions import PostgresSessions
from app.repositories.socket_tickets import PostgresTickets
from app.repositories.training import PostgresTraining
from app.services.hybrid_analyzer.findings import Finding
from app.services.job_queue import JobKind
from app.services.prompt_manager import Budget, NewCall, OnBehalfOf
from app.services.session_store import NewEvent, SessionRecord, TurnRecord
from app.services.socket_tickets import SocketTickets
from app.services.training_engine import Material, Weakness, scheduler_named
from app.services.training_engine.store import NewReview
from tests.supabase.people import Person, Table, tables_of

WEAKNESS = Weakness("UZ-G01", "rule", "grammatical_range_accuracy", Material("student → a student", "-"))


@dataclass(frozen=True)
class World:
    """Two learners who each have a row in every table, and a session that is still live."""

    alice: UUID
    bob: UUID
    live: dict[UUID, SessionRecord]


@pytest.fixture
async def world(database: Database, superuser: psycopg.Connection, alice: UUID, bob: UUID) -> World:
    superuser.execute("truncate jobs, analyses")
    store, jobs = PostgresLiveSessions(database), PostgresJobs(database)
    live = {}
    for user_id in (alice, bob):
        for _ in range(2):
            created = await PostgresSessions(database).create(
                user_id, mode="quick", clock="short", plan={"owner": str(user_id)}
            )
            session = await store.claim(created.id, user_id)
            turn = TurnRecord(
                id=uuid4(), index=0, speaker="learner", part=1, text="I am student.", start_ms=0, end_ms=900
            )
            await store.append(session, [NewEvent("stt.final", {})], turns=[turn])
            live.setdefault(user_id, session)
        await store.finish(session, [], reason="completed", summary={}, audio_ms=900)
        job = await jobs.claim("test", frozenset(JobKind), lease_s=60)
        assert job is not None
        finding = _finding(turn)
        await PostgresAnalysisDesk(database).complete(
            job,
            method_version="1",
            result={},
            findings=[finding],
            event=NewEvent("done", {}),
            weaknesses=[WEAKNESS],
        )
        await PostgresFeedback(database).give(user_id, finding.id, "wrong", None)
        await _trained(PostgresTraining(database), user_id)
        call = NewCall(OnBehalfOf(user_id, created.id), "review", 1, "0" * 64, 10)
        assert await PostgresCallLog(database).begin(call, Budget(10, 10))
        await SocketTickets(PostgresTickets(database)).issue(user_id, created.id)
        await PostgresAudit(database).note_read(user_id, "recording.read", f"session/{created.id}")
    return World(alice, bob, live)


async def _trained(training: PostgresTraining, user_id: UUID) -> None:
    (card,) = (await training.due(user_id, date.max, limit=1, kinds=["rule"])).cards
    review = NewReview(uuid4(), card.id, "correct", card.due, 4, 4, 1, 1, None, {})
    await training.record(user_id, review, scheduler_named("sm2"), seen_reviews=0)
    await training.put_plan(user_id, card.due, {})


def _finding(turn: TurnRecord) -> Finding:
    return Finding(
        id=f"f_{uuid4().hex}",
        turn_id=str(turn.id),
        rule_id="UZ-G01",
        category="M:DET",
        criterion="grammatical_range_accuracy",
        severity="low",
        confidence=0.5,
        source="rule",
        char_start=0,
        char_end=1,
        start_ms=0,
        end_ms=1,
        quote="I",
        correction="",
        explanation="-",
    )


@pytest.fixture
def tables(superuser: psycopg.Connection) -> list[Table]:
    """Every table there is."""
    return tables_of(superuser)


@pytest.fixture
def person(postgres: EmbeddedPostgres) -> Callable[..., Person]:
    """Make somebody of a role, with claims that name a user or none."""

    def make(role: str | None, sub: UUID | None = None) -> Person:
        return Person(postgres.conninfo, role, sub)

    return make
