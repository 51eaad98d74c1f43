"""/api/v1/analysis/sessions/{id}/pdf, with the worker that makes what is asked for."""

import asyncio
import io
from dataclasses import replace
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from pypdf import PdfReader

from app.adapters.spacy_parser import SpacyParser
from app.repositories.analysis_desk import PostgresAnalysisDesk
from app.repositories.database import Database
from app.repositories.jobs import PostgresJobs
from app.repositories.live_sessions import PostgresLiveSessions
from app.repositories.reports import PostgresReports
from app.services.analysis_coordinator import DeepAnalysis, TurnAnalyzer
from app.services.job_queue import JobKind
from app.services.reports import ReportMaterial
from app.services.session_store import NewEvent
from app.services.training_engine import Example, Material, Weakness
from app.workers.job_worker import JobWorker
from app.workers.pdf_worker import PdfHandler
from tests.api.conftest import problem
from tests.fakes.memory_blobs import MemoryBlobs
from tests.fakes.reported import reported

MISTAKE = Weakness(
    "AGR-PEOPLE",
    "rule",
    "grammatical_range_accuracy",
    Material(
        "people is → people are", "-", examples=(Example("People is kind.", "People are kind.", "is", "are"),)
    ),
)


def address(session_id: object) -> str:
    return f"/api/v1/analysis/sessions/{session_id}/pdf"


@pytest.fixture(scope="module")
def material(parser: SpacyParser) -> ReportMaterial:
    return reported(DeepAnalysis(TurnAnalyzer(parser)))


@pytest.fixture
async def ended(
    as_alice: httpx.AsyncClient,
    alice: UUID,
    database: Database,
    superuser: psycopg.Connection,
    material: ReportMaterial,
) -> str:
    """A session that has just ended, alone in the queue."""
    superuser.execute("truncate jobs, analyses")
    created = (await as_alice.post("/api/v1/sessions", json={"mode": "quick"})).json()
    store = PostgresLiveSessions(database)
    live = await store.claim(UUID(created["id"]), alice)
    await store.append(live, [], turns=[replace(turn, id=uuid4()) for turn in material.turns])
    await store.finish(live, [], reason="completed", summary={}, audio_ms=90_000)
    return str(created["id"])


@pytest.fixture
async def analysed(ended: str, database: Database, material: ReportMaterial) -> str:
    job = await PostgresJobs(database).claim("test", frozenset({JobKind.ANALYSIS}), lease_s=60)
    assert job is not None
    await PostgresAnalysisDesk(database).complete(
        job,
        method_version="1",
        result=dict(material.analysis),
        findings=[],
        event=NewEvent("session.analysis_ready", {}),
        weaknesses=[MISTAKE],
    )
    return ended


@pytest.fixture
def worker(database: Database, blobs: MemoryBlobs) -> JobWorker:
    handler = PdfHandler(PostgresReports(database), blobs, run_in_pool=asyncio.to_thread)
    return JobWorker(PostgresJobs(database), [handler], on_done=lambda session_id: None, name="test")


async def test_asked_for_made_and_read(
    as_alice: httpx.AsyncClient, analysed: str, worker: JobWorker, as_bob: httpx.AsyncClient
) -> None:
    assert (await as_alice.get(address(analysed))).status_code == 404
    for _ in range(2):
        asked = await as_alice.post(address(analysed))
        assert asked.status_code == 202
        assert (asked.json()["status"], asked.json()["url"]) == ("queued", None)
        assert asked.headers["Location"] == address(analysed)
    not_yet = await as_alice.get(address(analysed))
    assert (not_yet.status_code, problem(not_yet)["code"]) == (404, "report_not_found")

    assert await worker.work_once()
    assert not await worker.work_once()
    done = await as_alice.post(address(analysed))
    assert (done.status_code, done.json()["status"], done.json()["progress"]) == (200, "done", 100)

    report = await as_alice.get(done.json()["url"])
    assert (report.status_code, report.headers["content-type"]) == (200, "application/pdf")
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(report.content)).pages)
    assert "Seven days of training" in text
    assert "people is → people are" in text
    same = await as_alice.get(address(analysed), headers={"If-None-Match": report.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")

    for foreign in (await as_bob.get(address(analysed)), await as_bob.post(address(analysed))):
        assert (foreign.status_code, problem(foreign)["code"]) == (404, "session_not_found")


async def test_a_report_waits_for_its_analysis(
    as_alice: httpx.AsyncClient, ended: str, superuser: psycopg.Connection
) -> None:
    live = (await as_alice.post("/api/v1/sessions", json={"mode": "quick"})).json()["id"]
    failed = await as_alice.post(address(live))
    assert (failed.status_code, problem(failed)["code"]) == (409, "analysis_not_ready")
    assert "not ended" in problem(failed)["detail"]

    early = await as_alice.post(address(ended))
    assert (early.status_code, problem(early)["code"]) == (409, "analysis_not_ready")
    assert "still being made" in problem(early)["detail"]

    superuser.execute("update jobs set status = 'failed', finished_at = now()")
    late = await as_alice.post(address(ended))
    assert (late.status_code, "failed" in problem(late)["detail"]) == (409, True)
    assert superuser.execute("select count(*) from jobs where kind = 'pdf'").fetchone() == (0,)


async def test_no_such_session(as_alice: httpx.AsyncClient) -> None:
    for response in (await as_alice.post(address(uuid4())), await as_alice.get(address(uuid4()))):
        assert (response.status_code, problem(response)["code"]) == (404, "session_not_found")


async def test_a_store_that_fails_for_a_while_only_delays_it(
    as_alice: httpx.AsyncClient,
    analysed: str,
    worker: JobWorker,
    blobs: MemoryBlobs,
    superuser: psycopg.Connection,
) -> None:
    await as_alice.post(address(analysed))
    blobs.failures = 1
    assert not await worker.work_once()
    superuser.execute("update jobs set lease_until = now() - interval '1 second' where status = 'running'")
    assert await worker.work_once()
    assert (await as_alice.get(address(analysed))).status_code == 200


async def test_an_account_erased_meanwhile_leaves_no_report(
    as_alice: httpx.AsyncClient, analysed: str, worker: JobWorker, blobs: MemoryBlobs
) -> None:
    await as_alice.post(address(analysed))
    blobs.gate.clear()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.work_once())
        while not blobs.attempts:  # noqa: ASYNC110 - the fake store rings no bell
            await asyncio.sleep(0)
        assert (await as_alice.delete("/api/v1/users/me")).is_success
        blobs.gate.set()
    assert blobs.blobs == {}


async def test_an_account_is_erased_with_its_reports(
    as_alice: httpx.AsyncClient, analysed: str, worker: JobWorker, blobs: MemoryBlobs
) -> None:
    await as_alice.post(address(analysed))
    assert await worker.work_once()
    assert list(blobs.blobs) == [f"reports/{analysed}/report.pdf"]
    assert (await as_alice.delete("/api/v1/users/me")).is_success
    assert blobs.blobs == {}


async def test_learners_ask_only_for_their_own_ended_sessions(
    database: Database, analysed: str, alice: UUID, bob: UUID
) -> None:
    reports = PostgresReports(database)
    with pytest.raises(LookupError):
        await reports.request(bob, UUID(analysed))
    with pytest.raises(LookupError):
        await reports.request(alice, uuid4())
