"""--mode worker: background jobs in a process of their own."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from uuid import UUID

import structlog

from app.adapters.blob_filesystem import FilesystemBlobStore
from app.adapters.local_speech import SpeechModels
from app.adapters.local_speech.aligner import SphinxAligner
from app.adapters.local_speech.ears import load_ears
from app.adapters.spacy_parser import SpacyParser
from app.adapters.trigram_model import PocketsphinxTrigrams
from app.config import Settings
from app.middleware.monitoring import PrometheusMeter
from app.repositories.analysis_jobs import PostgresAnalysisJobs
from app.repositories.database import Database
from app.repositories.finding_feedback import PostgresFeedback
from app.services.analysis_coordinator import (
    DeepAnalysis,
    ReviewMeter,
    SecondReader,
    SpeechAssessor,
    TurnAnalyzer,
)
from app.services.hybrid_analyzer.llm import LanguageModel
from app.services.pronunciation_engine.learned import PronunciationAssessor, load_weights
from app.services.rule_book import RuleBook
from app.services.speech.audio_archive import AudioArchive
from app.workers.analysis_worker import AnalysisWorker

T = TypeVar("T")

log = structlog.get_logger(__name__)


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

    A first signal lets the job in hand finish; a second one leaves it to its lease.
    """
    try:
        asyncio.run(_work(settings))
    except KeyboardInterrupt:
        return 130
    return 0


def load_turn_analyzer() -> TurnAnalyzer:
    """Load what answers are analysed with. Blocks for 2-3 s."""
    return TurnAnalyzer(SpacyParser.load(), PocketsphinxTrigrams.load(), SphinxAligner())


def load_assessor(settings: Settings, loaded: SpeechModels | None = None) -> PronunciationAssessor | None:
    """Load what scores pronunciation. Blocks for 2-4 s.

    Models that are `loaded` already are shared. A failure is logged and gives None: an analysis then says
    that these scores are unavailable, and holds all the rest.
    """
    shared = loaded.whisper if loaded is not None and settings.whisper_model == "base" else None
    activity = loaded.activity if loaded is not None else None
    try:
        return PronunciationAssessor(
            load_ears(settings.data_dir / "models", shared, activity), load_weights()
        )
    except Exception:
        log.exception("pronunciation.load_failed")
        return None


def make_analysis_worker(
    settings: Settings,
    database: Database,
    analyzer: TurnAnalyzer,
    pool: ThreadPool,
    on_done: Callable[[UUID], None],
    *,
    assessor: SpeechAssessor | None,
    language_model: LanguageModel | None,
    rules: RuleBook,
    meter: ReviewMeter,
) -> AnalysisWorker:
    """Return a worker on `database` and the recordings that `settings` name.

    `assessor` scores pronunciation; None where its models could not be loaded. `language_model` reads the
    answers after the rules; None where none is configured.
    """
    return AnalysisWorker(
        PostgresAnalysisJobs(database),
        AudioArchive(FilesystemBlobStore(settings.blob_dir)),
        DeepAnalysis(
            analyzer,
            rounding_policy=settings.rounding_policy,
            assessor=assessor,
            models={"recogniser": f"whisper-{settings.whisper_model}", "parser": SpacyParser.MODEL},
        ),
        SecondReader(language_model, meter, pool),
        rules,
        run_in_pool=pool,
        on_done=on_done,
        name=f"{socket.gethostname()}:{os.getpid()}",
    )


async def _work(settings: Settings) -> None:
    analyzer = await asyncio.to_thread(load_turn_analyzer)
    assessor = await asyncio.to_thread(load_assessor, settings)
    database = Database(settings.database_url, max_size=settings.database_pool_size)
    await database.open()
    pool = ThreadPool(1)
    meter = PrometheusMeter()
    rules = RuleBook(PostgresFeedback(database), meter)
    try:
        worker = make_analysis_worker(
            settings,
            database,
            analyzer,
            pool,
            _announce,
            assessor=assessor,
            language_model=None,
            rules=rules,
            meter=meter,
        )
        _stop_on_signal(worker)
        log.info("worker.ready")
        await worker.run()
        log.info("worker.stopped")
    finally:
        pool.close()
        await database.close()


def _announce(session_id: UUID) -> None:
    """The event is in the session's log, where the process with the learner's socket looks for it."""
    log.info("analysis.announced", session_id=str(session_id))


def _stop_on_signal(worker: AnalysisWorker) -> None:
    loop = asyncio.get_running_loop()

    def stop(number: int) -> None:
        worker.stop()
        loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
