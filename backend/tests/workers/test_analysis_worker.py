"""The worker's behaviour against a queue in memory, in virtual time."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from app.adapters.spacy_parser import SpacyParser
from app.services.analysis_coordinator import DeepAnalysis, Judging, SecondReader, TurnAnalyzer
from app.services.analysis_store import StoredMaterial
from app.services.hybrid_analyzer import Disputes
from app.services.rule_book import RuleBook
from app.services.session_store import SessionRecord, TurnRecord
from app.services.speech import BYTES_PER_MS, RecognitionFailed, SpeechSpan, Utterance, Word
from app.services.speech.audio_archive import AudioNotStored
from app.workers.analysis_worker import AnalysisHandler
from app.workers.job_worker import JobAbandoned, JobWorker
from tests.fakes.analysis_desk import MemoryDesk
from tests.fakes.feedback import MemoryFeedback, SilentMeter
from tests.fakes.job_queue import MemoryQueue, a_job
from tests.fakes.learners import learner
from tests.fakes.scripted_model import CountingMeter, ScriptedModel, reply
from tests.virtual_time import virtual_time


class Recordings:
    """Remembers what was asked for; keeps no sound, or with `kept` silence."""

    def __init__(self) -> None:
        self.kept = False
        self.asked: list[tuple[int, int]] = []

    async def read_pcm(self, session_id: UUID, start_ms: int, end_ms: int) -> bytes:
        self.asked.append((start_ms, end_ms))
        if not self.kept:
            raise AudioNotStored(start_ms)
        return bytes((end_ms - start_ms) * BYTES_PER_MS)


class Listener:
    """Understands everything as `text`; None: nothing at all."""

    def __init__(self) -> None:
        self.text: str | None = "I live in Tashkent"
        self.asked: list[tuple[int, int]] = []

    async def __call__(self, pcm: bytes, start_ms: int, spans: Sequence[SpeechSpan]) -> tuple[Utterance, ...]:
        self.asked.append((start_ms, len(pcm) // BYTES_PER_MS))
        if self.text is None:
            raise RecognitionFailed("no ears today")
        words = tuple(Word(w, start_ms + i, start_ms + i + 1, 0.9) for i, w in enumerate(self.text.split()))
        return (Utterance(0, self.text, start_ms, start_ms + 900, words, -0.2),)


class Broken(DeepAnalysis):
    """An analysis that cannot be made."""

    def analyse(self, *args: Any, **kwargs: Any) -> Any:
        raise ZeroDivisionError("no words at all")


STEPS = 2
"""Pieces of work in the pool that a job is made of, without a language model."""


class Bench:
    """A worker with everything around it."""

    def __init__(
        self, deep: DeepAnalysis, *, work_s: float = 1.0, model: ScriptedModel | None = None
    ) -> None:
        self.queue = MemoryQueue()
        self.desk = MemoryDesk()
        self.recordings = Recordings()
        self.listener = Listener()
        self.feedback = MemoryFeedback()
        self.done: list[UUID] = []
        self.pooled: list[Callable[[], Any]] = []

        async def in_pool(work: Callable[[], Any]) -> Any:
            self.pooled.append(work)
            await asyncio.sleep(work_s / STEPS)
            return work()

        handler = AnalysisHandler(
            self.desk,
            self.recordings,
            deep,
            SecondReader(model, CountingMeter(), in_pool),
            RuleBook(self.feedback, SilentMeter()),
            judging=Judging(None, CountingMeter()),
            transcribe=self.listener,
            run_in_pool=in_pool,
        )
        self.worker = JobWorker(
            self.queue, [handler], on_done=self.done.append, name="tester", lease_s=30, poll_s=2
        )

    def add(self, session_id: UUID | None = None, *, attempt: int = 1, level: str = "medium") -> UUID:
        session_id = session_id or uuid4()
        self.desk.materials[session_id] = stored_exam(session_id, level)
        self.queue.waiting.append(a_job(session_id, attempt=attempt))
        return session_id

    @asynccontextmanager
    async def running(self) -> Any:
        task = asyncio.create_task(self.worker.run())
        try:
            yield
        finally:
            self.worker.stop()
            await task


def stored_exam(session_id: UUID, level: str) -> StoredMaterial:
    session = SessionRecord(
        session_id, uuid4(), "quick", "ended", "short", {}, 1, 9, 100_000, datetime(2030, 1, 1, tzinfo=UTC)
    )
    turns = [
        TurnRecord(
            uuid4(),
            turn.index,
            "learner",
            turn.part,
            turn.speech.text,
            turn.speech.start_ms,
            turn.speech.end_ms,
            words=[asdict(w) for w in turn.speech.words],
            spans=[asdict(s) for s in turn.speech.spans],
        )
        for turn in learner(level)
    ]
    return StoredMaterial(session, turns)


@pytest.fixture(scope="module")
def deep(parser: SpacyParser) -> DeepAnalysis:
    return DeepAnalysis(TurnAnalyzer(parser))


@virtual_time
async def test_a_job_is_analysed_stored_and_announced(deep: DeepAnalysis) -> None:
    bench = Bench(deep)
    session_id = bench.add()
    async with bench.running():
        await asyncio.sleep(1.5)
    ((job, result, findings, event),) = bench.desk.completed
    assert job.session_id == session_id
    assert result["status"] == "final"
    assert "findings" not in result
    assert all(f.turn_id in {str(t.id) for t in bench.desk.materials[session_id].turns} for f in findings)
    assert event.type == event.payload["type"] == "session.analysis_ready"
    assert event.payload == {
        "type": "session.analysis_ready",
        "analysis_id": str(job.id),
        "status": "done",
        "url": f"/api/v1/analysis/sessions/{session_id}",
        "overall_band": result["overall"]["band"],
    }
    assert bench.done == [session_id]
    assert len(bench.recordings.asked) == len(bench.desk.materials[session_id].turns)


@virtual_time
async def test_waking_beats_polling(deep: DeepAnalysis) -> None:
    bench = Bench(deep, work_s=0.1)
    async with bench.running():
        await asyncio.sleep(0.5)
        bench.add()
        bench.worker.wake()
        await asyncio.sleep(0.2)
        assert len(bench.desk.completed) == 1
        bench.add()
        await asyncio.sleep(2.2)
        assert len(bench.desk.completed) == 2


@virtual_time
async def test_an_idle_worker_polls_now_and_then(deep: DeepAnalysis) -> None:
    bench = Bench(deep)
    async with bench.running():
        await asyncio.sleep(21)
    assert bench.queue.claims == 11


@virtual_time
async def test_a_long_job_keeps_its_lease(deep: DeepAnalysis) -> None:
    bench = Bench(deep, work_s=65)
    bench.add()
    async with bench.running():
        await asyncio.sleep(66)
    assert len(bench.queue.heartbeats) == 6
    assert len(bench.desk.completed) == 1


@virtual_time
async def test_a_lost_lease_stores_nothing_and_the_worker_goes_on(deep: DeepAnalysis) -> None:
    bench = Bench(deep, work_s=15)
    bench.add()
    async with bench.running():
        await asyncio.sleep(1)
        bench.queue.lost = True
        await asyncio.sleep(11)
        assert bench.desk.completed == []
        bench.queue.lost = False
        second = bench.add()
        await asyncio.sleep(20)
    assert [job.session_id for job, *_ in bench.desk.completed] == [second]
    assert bench.done == [second]


@virtual_time
async def test_a_failing_job_is_given_back_with_its_reason(parser: SpacyParser) -> None:
    bench = Bench(Broken(TurnAnalyzer(parser)))
    bench.add(attempt=1)
    last = bench.add(attempt=3)
    with capture_logs() as logged:
        async with bench.running():
            await asyncio.sleep(5)
    assert [entry["event"] for entry in logged if entry["log_level"] == "error"] == ["job.failed"] * 2
    assert [error for _, error, _ in bench.queue.failed] == ["ZeroDivisionError: no words at all"] * 2
    assert bench.queue.failed[1][2].payload["status"] == "failed"
    assert bench.done == [last]


@virtual_time
async def test_a_job_that_kills_its_workers_is_parked_unopened(deep: DeepAnalysis) -> None:
    bench = Bench(deep)
    session_id = bench.add(attempt=4)
    async with bench.running():
        await asyncio.sleep(1)
    assert bench.pooled == []
    assert len(bench.queue.failed) == 1
    assert bench.done == [session_id]


@virtual_time
async def test_an_erased_session_is_let_go(deep: DeepAnalysis) -> None:
    bench = Bench(deep)
    session_id = bench.add()
    del bench.desk.materials[session_id]
    async with bench.running():
        await asyncio.sleep(1)
    assert (bench.desk.completed, bench.queue.failed, bench.done) == ([], [], [])


@virtual_time
async def test_a_store_that_is_down_is_tried_again(deep: DeepAnalysis) -> None:
    bench = Bench(deep)
    bench.add()
    bench.queue.unavailable = 3
    async with bench.running():
        await asyncio.sleep(8)
    assert len(bench.desk.completed) == 1


@virtual_time
async def test_stopping_finishes_the_job_in_hand_and_takes_no_other(deep: DeepAnalysis) -> None:
    bench = Bench(deep, work_s=10)
    bench.add()
    bench.add()
    async with bench.running():
        await asyncio.sleep(1)
    assert len(bench.desk.completed) == 1
    assert len(bench.queue.waiting) == 1


@virtual_time
async def test_cancelling_leaves_the_job_to_its_lease(deep: DeepAnalysis) -> None:
    bench = Bench(deep, work_s=10)
    bench.add()
    task = asyncio.create_task(bench.worker.run())
    await asyncio.sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(20)
    assert (bench.desk.completed, bench.queue.failed) == ([], [])
    assert len(asyncio.all_tasks()) == 1
    with pytest.raises(JobAbandoned):  # a thread that is at it comes free at its next step
        bench.pooled[0]()


@virtual_time
async def test_what_the_talk_computed_needs_no_sound(deep: DeepAnalysis, parser: SpacyParser) -> None:
    bench = Bench(deep)
    session_id = bench.add()
    material = bench.desk.materials[session_id]
    analyzer = TurnAnalyzer(parser)
    turns = []
    for record, turn in zip(material.turns, learner("medium"), strict=True):
        analysis = analyzer.analyze(turn, b"").to_json()
        turns.append(
            TurnRecord(**{**{f: getattr(record, f) for f in record.__slots__}, "analysis": analysis})
        )
    bench.desk.materials[session_id] = StoredMaterial(material.session, turns)
    async with bench.running():
        await asyncio.sleep(2)
    assert bench.recordings.asked == []
    assert len(bench.desk.completed) == 1


@virtual_time
async def test_a_language_model_is_waited_for_under_the_lease(deep: DeepAnalysis) -> None:
    model = ScriptedModel(reply(), delay_s=19)
    bench = Bench(deep, model=model)
    bench.add()
    async with bench.running():
        await asyncio.sleep(60)
    ((_, result, _, _),) = bench.desk.completed
    assert result["conditions"]["llm"]["status"] == "complete"
    assert len(bench.queue.heartbeats) >= 3


@virtual_time
async def test_a_lost_lease_ends_the_talk_with_the_model(deep: DeepAnalysis) -> None:
    model = ScriptedModel(reply(), delay_s=19)
    bench = Bench(deep, model=model)
    bench.add()
    async with bench.running():
        await asyncio.sleep(2)
        assert model.at_once
        bench.queue.lost = True
        await asyncio.sleep(10)
        assert not model.at_once
    assert bench.desk.completed == []


@virtual_time
async def test_a_rule_that_learners_dispute_is_silent_from_the_next_job_on(deep: DeepAnalysis) -> None:
    bench = Bench(deep)
    async with bench.running():
        bench.add(level="weak")
        bench.worker.wake()
        await asyncio.sleep(5)
        ((_, before, findings, _),) = bench.desk.completed
        rule_id = findings[0].rule_id
        bench.feedback.disputed = [Disputes(rule_id, 1, learners_shown=40, learners_disputing=40)]
        bench.add(level="weak")
        with capture_logs() as logged:
            bench.worker.wake()
            await asyncio.sleep(5)
    _, after, rest, _ = bench.desk.completed[1]
    assert before["conditions"]["rules_switched_off"] == []
    assert after["conditions"]["rules_switched_off"] == [rule_id]
    kept = [f.quote for f in findings if f.rule_id != rule_id]
    assert [f.quote for f in rest] == kept != []
    assert "rules.switched_off" in [entry["event"] for entry in logged]


def lose_the_first_answer(bench: Bench, session_id: UUID) -> TurnRecord:
    """Have the recogniser fail on an answer during the exam."""
    material = bench.desk.materials[session_id]
    first, *rest = material.turns
    lost = replace(first, text="", words=[], analysis=None, untranscribed=True)
    bench.desk.materials[session_id] = replace(material, turns=[lost, *rest])
    return lost


@virtual_time
async def test_an_answer_that_was_not_understood_is_heard_once_more(deep: DeepAnalysis) -> None:
    bench = Bench(deep)
    bench.recordings.kept = True
    session_id = bench.add()
    lost = lose_the_first_answer(bench, session_id)
    async with bench.running():
        await asyncio.sleep(1.5)
    assert bench.listener.asked == [(lost.start_ms, lost.end_ms - lost.start_ms)]
    (heard,) = bench.desk.transcripts
    assert (heard.id, heard.text, heard.untranscribed) == (lost.id, "I live in Tashkent", False)
    assert [word["text"] for word in heard.words] == ["I", "live", "in", "Tashkent"]
    others = sum(len(turn.words) for turn in bench.desk.materials[session_id].turns[1:])
    assert bench.desk.completed[0][1]["measures"]["whole"]["words"] in range(others - 9, others + 5)


@pytest.mark.parametrize("kept", [True, False])
@virtual_time
async def test_what_cannot_be_understood_later_either_stays_as_it_is_and_the_rest_is_analysed(
    deep: DeepAnalysis, kept: bool
) -> None:
    bench = Bench(deep)
    bench.recordings.kept = kept
    bench.listener.text = None
    lose_the_first_answer(bench, bench.add())
    async with bench.running():
        await asyncio.sleep(1.5)
    assert bench.desk.transcripts == []
    assert len(bench.desk.completed) == 1
