"""Analyses as jobs: read what was said, analyse it in a pool, store what came out."""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

import structlog

from app.services.analysis_coordinator import (
    AnalysisResult,
    DeepAnalysis,
    Judging,
    LearnerTurn,
    RunInPool,
    SecondReader,
    SessionMaterial,
    heard_again,
    learner_turns,
    stored_analyses,
)
from app.services.analysis_store import AnalysisDesk, StoredMaterial
from app.services.conversation import focus_of
from app.services.job_queue import Job, JobKind, SessionErased
from app.services.pii import names_said
from app.services.prompt_manager import OnBehalfOf
from app.services.rule_book import RuleBook
from app.services.session_store import NewEvent, TurnRecord
from app.services.speech import BYTES_PER_MS, Transcribe
from app.services.speech.audio_archive import AudioNotStored
from app.workers.job_worker import Progress

READY = "session.analysis_ready"

log = structlog.get_logger(__name__)


class Recordings(Protocol):
    """Where the microphone signals are."""

    async def read_pcm(self, session_id: UUID, start_ms: int, end_ms: int) -> bytes:
        """Return that stretch as 16 kHz mono PCM16. Raises AudioNotStored, StorageUnavailable."""
        ...


class AnalysisHandler:
    """JobHandler for analyses.

    `transcribe` hears answers once more that were not understood during the exam.
    """

    kind = JobKind.ANALYSIS

    def __init__(
        self,
        desk: AnalysisDesk,
        recordings: Recordings,
        deep: DeepAnalysis,
        second_reader: SecondReader,
        rules: RuleBook,
        *,
        judging: Judging,
        transcribe: Transcribe,
        run_in_pool: RunInPool,
    ) -> None:
        self._desk = desk
        self._recordings = recordings
        self._deep = deep
        self._second_reader = second_reader
        self._judging = judging
        self._rules = rules
        self._transcribe = transcribe
        self._run_in_pool = run_in_pool

    async def do(self, job: Job, progress: Progress) -> None:
        """Analyse the session and store what came out. Raises SessionErased, LeaseLost."""
        result = await self._analyse(job, progress)
        await self._desk.complete(
            job,
            method_version=result.method_version,
            result=result.document(),
            findings=result.findings,
            event=_ready(job, "done", result.overall_band),
            weaknesses=result.weaknesses,
        )

    def gave_up(self, job: Job) -> NewEvent:
        """Return the event that says that there will be no analysis."""
        return _ready(job, "failed", None)

    async def _analyse(self, job: Job, progress: Progress) -> AnalysisResult:
        stored = await self._desk.material(job.session_id)
        if stored is None:
            raise SessionErased
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
        learner = _on_behalf(job, turns)
        async with asyncio.TaskGroup() as models:
            reading = models.create_task(self._second_reader.read(answers, learner))
            judging = models.create_task(self._judging.judge(answers, learner))
        opinion, judged = reading.result(), judging.result()
        return await self._run_in_pool(lambda: self._deep.conclude(material, opinion, progress, judged))

    async def _completed(self, job: Job, records: Sequence[TurnRecord]) -> Sequence[TurnRecord]:
        """Return the turns with the transcripts that could not be made during the exam; they are stored."""
        completed = list(records)
        for number, record in enumerate(records):
            if not record.untranscribed:
                continue
            pcm = await self._audio(job, str(record.id), record.start_ms, record.end_ms)
            completed[number] = again = await heard_again(record, pcm, self._transcribe)
            if not again.untranscribed:
                await self._desk.put_transcript(job, again)
        return completed

    async def _audio(self, job: Job, turn_id: str, start_ms: int, end_ms: int) -> bytes:
        """Return an answer's sound, empty where it is not kept: words and voice activity still count."""
        if end_ms <= start_ms:
            return b""
        try:
            return await self._recordings.read_pcm(job.session_id, start_ms, end_ms)
        except AudioNotStored as missing:
            log.warning("analysis.audio_missing", turn_id=turn_id, missing_ms=missing.missing_ms)
            return b""


def _on_behalf(job: Job, turns: Sequence[LearnerTurn]) -> OnBehalfOf:
    names = names_said(turn.speech.text for turn in turns if not turn.rated)
    return OnBehalfOf(job.user_id, job.session_id, names)


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
        focus=focus_of(session.plan),
    )


def _ready(job: Job, status: str, overall_band: float | None) -> NewEvent:
    payload: dict[str, Any] = {
        "type": READY,
        "analysis_id": str(job.id),
        "status": status,
        "url": f"/api/v1/analysis/sessions/{job.session_id}",
    }
    if overall_band is not None:
        payload["overall_band"] = overall_band
    return NewEvent(READY, payload)
