"""The analysis worker: claims finished sessions, analyses them in a pool, stores what came out.

The database row is the job; this only does the work and keeps the lease alive. A worker that dies loses
nothing: its lease runs out and another one claims the job.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol
from uuid import UUID

import structlog

from app.services.analysis_coordinator import (
    AnalysisResult,
    DeepAnalysis,
    LearnerTurn,
    RunInPool,
    SecondReader,
    SessionMaterial,
    heard_again,
    learner_turns,
    stored_analyses,
)
from app.services.analysis_store import AnalysisJob, AnalysisJobs, LeaseLost, StoredMaterial
from app.services.errors import StorageUnavailable
from app.services.rule_book import RuleBook
from app.services.session_store import NewEvent, TurnRecord
from app.services.speech import BYTES_PER_MS, Transcribe
from app.services.speech.audio_archive import AudioNotStored

LEASE_S = 20.0
"""A dead worker's job runs again within this and POLL_S; renewed three times as often as it would run out."""
POLL_S = 2.0
READY = "session.analysis_ready"

log = structlog.get_logger(__name__)


class Recordings(Protocol):
    """Where the microphone signals are."""

    async def read_pcm(self, session_id: UUID, start_ms: int, end_ms: int) -> bytes:
        """Return that stretch as 16 kHz mono PCM16. Raises AudioNotStored, StorageUnavailable."""
        ...


class AnalysisAbandoned(Exception):
    """Nobody waits for this analysis any more; raised in the pool's thread to free it."""


class _Progress:
    """How far a job is; written by the pool's thread, read by the heartbeat."""

    def __init__(self) -> None:
        self.percent = 0
        self.abandoned = False

    def __call__(self, percent: int) -> None:
        if self.abandoned:
            raise AnalysisAbandoned
        self.percent = percent


class AnalysisWorker:
    """Does one analysis at a time until it is told to stop.

    `on_done` is called with the session's id when its analysis is there or has failed for good, so that a
    process which holds the learner's socket can pass it on at once. `transcribe` hears answers once more that
    were not understood during the exam.
    """

    def __init__(
        self,
        jobs: AnalysisJobs,
        recordings: Recordings,
        deep: DeepAnalysis,
        second_reader: SecondReader,
        rules: RuleBook,
        *,
        transcribe: Transcribe,
        run_in_pool: RunInPool,
        on_done: Callable[[UUID], None],
        name: str,
        lease_s: float = LEASE_S,
        poll_s: float = POLL_S,
    ) -> None:
        self._jobs = jobs
        self._recordings = recordings
        self._deep = deep
        self._second_reader = second_reader
        self._rules = rules
        self._transcribe = transcribe
        self._run_in_pool = run_in_pool
        self._on_done = on_done
        self._name = name
        self._lease_s = lease_s
        self._poll_s = poll_s
        self._woken = asyncio.Event()
        self._stopping = False

    @property
    def name(self) -> str:
        """What it calls itself as the holder of a lease."""
        return self._name

    def wake(self) -> None:
        """Look for work now instead of at the next poll. Call it on the event loop."""
        self._woken.set()

    def stop(self) -> None:
        """Finish the job in hand, then return from `run`. Call it on the event loop."""
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        """Work until `stop`. When cancelled, the job in hand is left to its lease."""
        while not self._stopping:
            self._woken.clear()
            if not await self.work_once():
                await self._idle()

    async def _idle(self) -> None:
        if self._stopping:
            return
        try:
            async with asyncio.timeout(self._poll_s):
                await self._woken.wait()
        except TimeoutError:
            return

    async def work_once(self) -> bool:
        """Do one job; return whether there was one."""
        try:
            job = await self._jobs.claim(self._name, lease_s=self._lease_s)
            if job is None:
                return False
            await self._attempt(job)
        except StorageUnavailable as unavailable:
            log.warning("analysis.store_unavailable", reason=str(unavailable))
            return False
        except LeaseLost as lost:
            log.warning("analysis.lease_lost", reason=str(lost))
        return True

    async def _attempt(self, job: AnalysisJob) -> None:
        logger = log.bind(analysis_id=str(job.id), session_id=str(job.session_id), attempt=job.attempt)
        if job.attempt > self._jobs.max_attempts:
            await self._give_back(job, "The workers that tried this analysis stopped without a word.")
            return
        try:
            result = await self._analyse_held(job)
        except (LeaseLost, StorageUnavailable):
            raise
        except Exception as failure:
            logger.exception("analysis.failed")
            await self._give_back(job, f"{type(failure).__name__}: {failure}")
            return
        if result is None:
            logger.info("analysis.session_erased")
            return
        await self._jobs.complete(
            job,
            method_version=result.method_version,
            result=result.document(),
            findings=result.findings,
            event=_ready(job, "done", result.overall_band),
            weaknesses=result.weaknesses,
        )
        logger.info("analysis.done", overall_band=result.overall_band)
        self._on_done(job.session_id)

    async def _give_back(self, job: AnalysisJob, error: str) -> None:
        if await self._jobs.fail(job, error, event=_ready(job, "failed", None)) is not None:
            self._on_done(job.session_id)

    async def _analyse_held(self, job: AnalysisJob) -> AnalysisResult | None:
        """Analyse while a heartbeat keeps the lease; None when the session was erased meanwhile."""
        progress = _Progress()
        beating = asyncio.create_task(self._beat(job, progress), name="analysis.heartbeat")
        analysing = asyncio.create_task(self._analyse(job, progress), name="analysis.analyse")
        try:
            await asyncio.wait({beating, analysing}, return_when=asyncio.FIRST_COMPLETED)
            if beating.done():
                beating.result()
            return await analysing
        finally:
            progress.abandoned = True
            for task in (beating, analysing):
                task.cancel()
            await asyncio.gather(beating, analysing, return_exceptions=True)

    async def _beat(self, job: AnalysisJob, progress: _Progress) -> None:
        """Renew the lease three times as often as it would run out. Ends only by an error: LeaseLost."""
        while True:
            await asyncio.sleep(self._lease_s / 3)
            try:
                await self._jobs.heartbeat(job, lease_s=self._lease_s, progress=progress.percent)
            except StorageUnavailable as unavailable:
                log.warning("analysis.heartbeat_missed", analysis_id=str(job.id), reason=str(unavailable))

    async def _analyse(self, job: AnalysisJob, progress: _Progress) -> AnalysisResult | None:
        stored = await self._jobs.material(job.session_id)
        if stored is None:
            return None
        records = await self._completed(job, stored.turns)
        turns = learner_turns(records)
        analyses = stored_analyses(records)
        wanted = [t for t in turns if self._deep.wants_sound(t, analyses)]
        audio = {
            t.speech.start_ms: await self._audio(job, t.turn_id, t.speech.start_ms, t.speech.end_ms)
            for t in wanted
        }
        material = _material(stored, turns, audio, await self._rules.switched_off())
        answers = await self._run_in_pool(lambda: self._deep.analyse(material, analyses, progress))
        opinion = await self._second_reader.read(answers)
        return await self._run_in_pool(lambda: self._deep.conclude(material, opinion, progress))

    async def _completed(self, job: AnalysisJob, records: Sequence[TurnRecord]) -> Sequence[TurnRecord]:
        """Return the turns with the transcripts that could not be made during the exam; they are stored."""
        completed = list(records)
        for number, record in enumerate(records):
            if not record.untranscribed:
                continue
            pcm = await self._audio(job, str(record.id), record.start_ms, record.end_ms)
            completed[number] = again = await heard_again(record, pcm, self._transcribe)
            if not again.untranscribed:
                await self._jobs.put_transcript(job, again)
        return completed

    async def _audio(self, job: AnalysisJob, turn_id: str, start_ms: int, end_ms: int) -> bytes:
        """Return an answer's sound, empty where it is not kept: words and voice activity still count."""
        if end_ms <= start_ms:
            return b""
        try:
            return await self._recordings.read_pcm(job.session_id, start_ms, end_ms)
        except AudioNotStored as missing:
            log.warning("analysis.audio_missing", turn_id=turn_id, missing_ms=missing.missing_ms)
            return b""


def _material(
    stored: StoredMaterial,
    turns: tuple[LearnerTurn, ...],
    audio: dict[int, bytes],
    rules_off: frozenset[str],
) -> SessionMaterial:
    session = stored.session
    return SessionMaterial(
        session_id=str(session.id),
        mode=session.mode,
        clock=session.clock,
        turns=turns,
        audio=lambda start_ms, end_ms: audio.get(start_ms, b"")[: max(0, end_ms - start_ms) * BYTES_PER_MS],
        rules_off=rules_off,
        earlier=stored.earlier,
    )


def _ready(job: AnalysisJob, status: str, overall_band: float | None) -> NewEvent:
    payload: dict[str, Any] = {
        "type": READY,
        "analysis_id": str(job.id),
        "status": status,
        "url": f"/api/v1/analysis/sessions/{job.session_id}",
    }
    if overall_band is not None:
        payload["overall_band"] = overall_band
    return NewEvent(READY, payload)
