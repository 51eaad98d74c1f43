"""/api/v1/analysis"""

from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from app.repositories.analysis_desk import PostgresAnalysisDesk
from app.repositories.database import Database
from app.repositories.jobs import PostgresJobs
from app.repositories.live_sessions import PostgresLiveSessions
from app.services.hybrid_analyzer.findings import Finding
from app.services.job_queue import JobKind
from app.services.session_store import NewEvent, TurnRecord
from tests.api.conftest import problem


def address(session_id: object) -> str:
    return f"/api/v1/analysis/sessions/{session_id}"


@pytest.fixture
async def session_id(
    as_alice: httpx.AsyncClient, alice: UUID, database: Database, superuser: psycopg.Connection
) -> str:
    """A session that has just ended, alone in the queue."""
    superuser.execute("truncate jobs, analyses")
    created = (await as_alice.post("/api/v1/sessions", json={"mode": "quick"})).json()
    store = PostgresLiveSessions(database)
    live = await store.claim(UUID(created["id"]), alice)
    turn = TurnRecord(
        id=uuid4(), index=0, speaker="learner", part=1, text="I am student.", start_ms=0, end_ms=900
    )
    await store.append(live, [], turns=[turn])
    await store.finish(live, [], reason="completed", summary={}, audio_ms=900)
    return str(created["id"])


async def test_from_queued_to_done(
    as_alice: httpx.AsyncClient, database: Database, session_id: str, as_bob: httpx.AsyncClient
) -> None:
    queued = (await as_alice.get(address(session_id))).json()
    assert (queued["status"], queued["progress"], queued["result"], queued["findings"]) == (
        "queued",
        0,
        None,
        [],
    )

    jobs = PostgresJobs(database)
    job = await jobs.claim("worker", frozenset(JobKind), lease_s=60)
    assert job is not None
    await jobs.heartbeat(job, lease_s=60, progress=55)
    running = (await as_alice.get(address(session_id))).json()
    assert (running["status"], running["progress"]) == ("running", 55)

    material = await PostgresAnalysisDesk(database).material(job.session_id)
    assert material is not None
    finding = Finding(
        id="f_1",
        rule_id="UZ-G01",
        category="M:DET",
        criterion="grammatical_range_accuracy",
        severity="low",
        confidence=0.75,
        source="rule+llm",
        turn_id=str(material.turns[0].id),
        char_start=2,
        char_end=12,
        start_ms=None,
        end_ms=None,
        quote="am student",
        correction="am a student",
        explanation="Jobs take a or an.",
        rule_version=3,
    )
    await PostgresAnalysisDesk(database).complete(
        job,
        method_version="1",
        result={"overall_band": 6.0},
        findings=[finding],
        event=NewEvent("session.analysis_ready", {}),
    )
    done = (await as_alice.get(address(session_id))).json()
    assert (done["status"], done["progress"], done["method_version"]) == ("done", 100, "1")
    assert done["result"] == {"overall_band": 6.0}
    assert done["finished_at"].endswith("Z")
    assert done["findings"] == [
        {
            "id": "f_1",
            "rule_id": "UZ-G01",
            "rule_version": 3,
            "category": "M:DET",
            "criterion": "grammatical_range_accuracy",
            "severity": "low",
            "confidence": 0.75,
            "source": "rule+llm",
            "turn_id": str(material.turns[0].id),
            "char_start": 2,
            "char_end": 12,
            "start_ms": None,
            "end_ms": None,
            "quote": "am student",
            "correction": "am a student",
            "explanation": "Jobs take a or an.",
            "explanation_uz": None,
            "verdict": None,
        }
    ]
    listed = (await as_alice.get("/api/v1/sessions")).json()["items"]
    assert [(item["analysis_status"], item["overall_band"]) for item in listed] == [("done", 6.0)]

    foreign = await as_bob.get(address(session_id))
    assert (foreign.status_code, problem(foreign)["code"]) == (404, "session_not_found")


async def test_a_failed_analysis_says_so_and_nothing_of_the_inside(
    as_alice: httpx.AsyncClient, database: Database, session_id: str
) -> None:
    jobs = PostgresJobs(database, max_attempts=1)
    job = await jobs.claim("worker", frozenset(JobKind), lease_s=60)
    assert job is not None
    await jobs.fail(job, "KeyError in secret_module", event=NewEvent("session.analysis_ready", {}))
    response = await as_alice.get(address(session_id))
    assert response.json()["status"] == "failed"
    assert "secret_module" not in response.text


async def test_there_is_no_analysis_before_the_end(as_alice: httpx.AsyncClient) -> None:
    created = (await as_alice.post("/api/v1/sessions", json={"mode": "quick"})).json()
    response = await as_alice.get(address(created["id"]))
    assert (response.status_code, problem(response)["code"]) == (404, "analysis_not_found")
    response = await as_alice.get(address(uuid4()))
    assert (response.status_code, problem(response)["code"]) == (404, "session_not_found")
