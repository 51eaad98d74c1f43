"""--mode worker: background jobs in a process of their own."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from functools import partial
from typing import Protocol, TypeVar

import structlog

from app.adapters.edit_tagger import OnnxEditTagger
from app.adapters.local_speech.later import LaterRecogniser
from app.adapters.redis_notices import RedisNotices
from app.adapters.spacy_parser import SpacyParser
from app.analysis_models import analysis_process, load_assessor, load_turn_analyzer
from app.background import beside
from app.blobs import blob_store
from app.config import Settings
from app.deadline import Deadline
from app.language_models import prompt_book, prompted_model
from app.memory import give_back
from app.middleware.monitoring import PrometheusMeter, exposition
from app.repositories.analysis_desk import PostgresAnalysisDesk
from app.repositories.audit import PostgresAudit
from app.repositories.database import Database
from app.repositories.erasure import PostgresErasure
from app.repositories.finding_feedback import PostgresFeedback
from app.repositories.jobs import PostgresJobs
from app.repositories.old_recordings import PostgresOldRecordings
from app.repositories.reports import PostgresReports
from app.services.analysis_coordinator import (
    AnswerAnalyzer,
    DeepAnalysis,
    Judging,
    ReviewMeter,
    SecondReader,
    SpeechAssessor,
)
from app.services.erasure import Erasure
from app.services.hybrid_analyzer.llm import LanguageModel, PromptedReader
from app.services.ielts_scorer.judge import FeatureJudge, PromptedJudge
from app.services.rule_book import RuleBook
from app.services.session_notices import Change, SessionNotices
from app.services.speech import Transcribe
from app.services.speech.audio_archive import AudioArchive
from app.services.storage import BlobStore
from app.workers.analysis_worker import AnalysisHandler
from app.workers.audio_cleanup import AudioCleanupHandler
from app.workers.housekeeping import Chore
from app.workers.job_worker import JobMeter, JobWorker
from app.workers.pdf_worker import PdfHandler
from app.workers.probe import Beats, probe
from app.workers.queue_config import JobRunner, job_runner

T = TypeVar("T")

log = structlog.get_logger(__name__)


class WorkerMeter(ReviewMeter, JobMeter, Protocol):
    """What is counted of jobs and of the models that they ask."""


class ThreadPool:
    """Runs CPU-bound work on its own threads, so that the event loop keeps the lease alive."""

    def __init__(self, threads: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="analysis")

    async def __call__(self, work: Callable[[], T]) -> T:
        """Run `work` to its end, even when the caller is cancelled."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    def close(self) -> None:
        """Wait for what is running and drop what is not."""
        self._executor.shutdown(cancel_futures=True)


def main(settings: Settings) -> int:
    """Work on the database in `settings.database_url` until SIGINT or SIGTERM; return the exit status.

    A first signal lets the job in hand finish; a second one, or the end of `drain_seconds`, ends the process
    and leaves the job to its lease.
    """
    asyncio.run(_load_and_work(settings))
    return 0


def make_worker(
    settings: Settings,
    database: Database,
    blobs: BlobStore,
    analyzer: AnswerAnalyzer,
    pool: ThreadPool,
    *,
    notices: SessionNotices,
    transcribe: Transcribe,
    assessor: SpeechAssessor | None,
    language_model: LanguageModel | None,
    judge: FeatureJudge | None,
    rules: RuleBook,
    meter: WorkerMeter,
) -> JobWorker:
    """Return a worker for every kind of job on `database` and `blobs`.

    It says over `notices` when a job is done.
    `transcribe` hears once more what was not understood during an exam. `assessor` scores pronunciation; None
    where its models could not be loaded. `language_model` reads the answers after the rules and `judge`
    judges what needs meaning; None where none is configured.
    """
    analyses = AnalysisHandler(
        PostgresAnalysisDesk(database),
        AudioArchive(blobs),
        DeepAnalysis(
            analyzer,
            rounding_policy=settings.rounding_policy,
            assessor=assessor,
            models={
                "recogniser": _recogniser(settings),
                "parser": SpacyParser.MODEL,
                "edit_tagger": OnnxEditTagger.NAME,
            },
        ),
        SecondReader(language_model, meter, pool),
        rules,
        judging=Judging(judge, meter),
        transcribe=transcribe,
        run_in_pool=pool,
    )
    reports = PdfHandler(PostgresReports(database), blobs, run_in_pool=pool)
    return JobWorker(
        PostgresJobs(database),
        [analyses, reports, AudioCleanupHandler(PostgresOldRecordings(database), blobs)],
        on_done=lambda session_id: notices.publish(Change.LOG_GREW, session_id),
        meter=meter,
        tidy=partial(pool, give_back),
        name=f"{socket.gethostname()}:{os.getpid()}",
    )


def housekeeping(settings: Settings, database: Database, blobs: BlobStore) -> dict[str, Chore]:
    """Return what is looked after now and then; nothing that `settings` keep for ever is removed."""
    erasure = Erasure(PostgresErasure(database), blobs)
    chores: dict[str, Chore] = {"erasure.finish": erasure.finish_all, "erasure.sweep": erasure.sweep}
    if days := settings.audio_retention_days:
        recordings = PostgresOldRecordings(database)
        chores["recordings.queue_removals"] = partial(recordings.queue_removals, older_than_days=days)
    if days := settings.audit_retention_days:
        chores["audit.prune"] = partial(PostgresAudit(database).prune, keep_days=days)
    return chores


def _recogniser(settings: Settings) -> str:
    """Return what answers are heard by, for the analysis."""
    local = f"whisper-{settings.whisper_model}"
    if settings.recogniser() == "local":
        return local
    return f"google-{settings.google_speech_model}, {local} where that was out of reach"


async def _load_and_work(settings: Settings) -> None:
    if settings.keeps_models_away:
        process = analysis_process(settings)
        try:
            await work(settings, process, process, ThreadPool(1))
        finally:
            await asyncio.to_thread(process.close)
        return
    analyzer = await asyncio.to_thread(load_turn_analyzer)
    assessor = await asyncio.to_thread(load_assessor, settings.data_dir / "models", settings.whisper_model)
    await work(settings, analyzer, assessor, ThreadPool(1))


async def work(
    settings: Settings, analyzer: AnswerAnalyzer, assessor: SpeechAssessor | None, pool: ThreadPool
) -> None:
    """Do jobs in this process until SIGINT or SIGTERM, then close `pool`."""
    database = Database(
        settings.database_url,
        max_size=settings.database_pool_size,
        prepare_threshold=settings.prepare_threshold,
    )
    await database.open()
    meter = PrometheusMeter()
    rules = RuleBook(PostgresFeedback(database), meter)
    notices = SessionNotices()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        stack.callback(pool.close)
        if settings.redis_url:
            redis = RedisNotices(settings.redis_url, notices, on_change=meter.redis_is)
            await stack.enter_async_context(redis.running())
        asking = await stack.enter_async_context(
            prompted_model(settings, prompt_book(settings), database, meter)
        )
        later = LaterRecogniser(settings.data_dir / "models", whisper_model=settings.whisper_model)
        stack.push_async_callback(later.aclose)
        blobs = blob_store(settings)
        stack.push_async_callback(blobs.aclose)
        worker = make_worker(
            settings,
            database,
            blobs,
            analyzer,
            pool,
            notices=notices,
            transcribe=later,
            assessor=assessor,
            language_model=None if asking is None else PromptedReader(asking),
            judge=None if asking is None else PromptedJudge(asking),
            rules=rules,
            meter=meter,
        )
        if settings.worker_port:
            beats = Beats()
            await stack.enter_async_context(beside(beats.keep(), name="worker.beats"))
            alive = partial(_alive, beats, settings.hang_seconds)
            stack.enter_context(probe(settings.host, settings.worker_port, partial(exposition, meter), alive))
        chores = housekeeping(settings, database, blobs)
        runner = await stack.enter_async_context(job_runner(settings, worker, notices, chores))
        _stop_on_signal(runner, Deadline(settings.drain_seconds))
        log.info("worker.ready")
        await runner.run()
        log.info("worker.stopped")


def _alive(beats: Beats, hang_s: float) -> bool:
    return beats.silent_s() < hang_s


def _stop_on_signal(runner: JobRunner, deadline: Deadline) -> None:
    def stop(number: int) -> None:
        runner.stop()
        deadline.signalled(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop, number)
