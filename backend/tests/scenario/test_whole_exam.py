"""Whole exams through the protocol, from session.start to the analysis; the stories are in the files here."""

from itertools import pairwise
from pathlib import Path

import pytest

from app.api.websocket.protocol import AiReply, ServerAck, SttFinal, TtsAudio
from app.services.session_store import SessionMode
from tests.fakes.learner import Answer, Learner
from tests.fakes.world import world
from tests.virtual_time import virtual_time

NAME: Answer = ("My name is Alisher",)
HOME: Answer = ("I live in Tashkent", 700, "with my big family in old house near the river")
FOOD: Answer = ("I like eating plov because my grandmother cooks it very well",)
TALK: Answer = ("I want to talk about my friend", 900) * 12
VIEW: Answer = ("I think friends are important", 1_200, "because people need somebody who can help them")

ANSWERS: dict[str, list[Answer]] = {
    "quick": [NAME, HOME, HOME, FOOD, TALK, HOME, VIEW, VIEW],
    "full": [NAME, ("Alisher",), *[HOME] * 4, *[FOOD] * 8, TALK * 2, HOME, FOOD, VIEW],
    "part1": [NAME, ("Ali",), HOME],
    "part2": [TALK * 2, HOME],
    "part3": [VIEW],
}


@pytest.mark.parametrize(("mode", "clock"), [("quick", "short"), ("full", "standard")])
@virtual_time
async def test_the_story_of_an_exam(mode: SessionMode, clock: str) -> None:
    async with world() as w:
        session = w.create(mode, clock=clock)
        learner = Learner(w, session.id, ANSWERS[mode])
        await learner.sit()
        w.finish_analysis(session.id)
        assert await learner.pipe.closed() == 1000
        expected = (Path(__file__).parent / f"{mode}_exam.txt").read_text().splitlines()
        assert learner.story == expected


@pytest.mark.parametrize("mode", ["part1", "part2", "part3"])
@virtual_time
async def test_a_single_part_has_its_phases_only(mode: SessionMode) -> None:
    async with world() as w:
        session = w.create(mode, clock="standard")
        learner = Learner(w, session.id, ANSWERS[mode])
        story = await learner.sit()
        phases = {line.split()[1].strip(",")[:2] for line in story if line.startswith("phase p")}
        assert phases == {f"p{mode[-1]}"}
        assert story[-1].startswith("summary completed")


@virtual_time
async def test_what_is_stored_is_what_was_said() -> None:
    async with world() as w:
        session = w.create()
        learner = Learner(w, session.id, ANSWERS["quick"])
        await learner.sit()
        stored = w.store.sessions[session.id]
        assert (stored.status, stored.end_reason) == ("ended", "completed")
        assert w.store.queued_analyses == [session.id]
        assert await w.audio(session.id) == bytes(learner.said)[: stored.audio_ms * 32]

        turns = w.store.dialogue(session.id)
        assert [turn.index for turn in turns] == list(range(len(turns)))
        said = [turn for turn in turns if turn.speaker == "learner"]
        finals = [e.text for e in learner.pipe.of(SttFinal) if isinstance(e, SttFinal)]
        assert " ".join(turn.text for turn in said) == " ".join(finals)
        assert all(turn.start_ms < turn.end_ms <= stored.audio_ms for turn in said)
        assert all(a.end_ms <= b.start_ms for a, b in pairwise(said))
        assert [turn.analysis["words"] for turn in said if turn.analysis] == [len(t.words) for t in said]
        lines = [e.text for e in learner.pipe.of(AiReply) if isinstance(e, AiReply)]
        assert [turn.text for turn in turns if turn.speaker == "examiner"] == lines
        assert {t.frame_conformance for t in turns if t.speaker == "examiner"} <= {"verbatim", "slot_filled"}


@virtual_time
async def test_answers_know_their_question_and_names_are_not_rated() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, ANSWERS["quick"])
        await learner.sit()
        asked = [(turn.kind, turn.question) for turn in w.analysed]
        assert asked[0][0] == "greeting"
        assert not w.analysed[0].rated
        assert ("question", "Where do you live?") in asked
        assert ("card", "Describe a friend.") in asked
        assert all(turn.rated for turn in w.analysed[1:])


@virtual_time
async def test_the_log_the_client_gets_is_the_stored_log_and_has_no_gap() -> None:
    async with world() as w:
        session = w.create()
        learner = Learner(w, session.id, ANSWERS["quick"])
        await learner.sit()
        assert learner.seqs == list(range(1, len(learner.seqs) + 1))
        sent = [event for event in learner.pipe.raw if "seq" in event]
        stored = [{**event.payload, "seq": event.seq} for event in w.store.events[session.id]]
        assert sent == stored


@virtual_time
async def test_the_wait_for_the_examiner_is_the_silence_and_little_more() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, ANSWERS["quick"], frame_ms=40)
        await learner.sit()
        part1 = [latency for latency in w.meter.latencies if latency.part in (None, 1)]
        assert len(part1) >= 3
        for latency in part1:
            assert 1_200 <= latency.silence_ms <= 1_200 + 2 * 40
            assert latency.transcript_ms + latency.reply_ms <= 200
        assert len(w.meter.played) >= len(w.meter.latencies)
        assert max(w.meter.played) <= 500, "marks tell when it was played, twice a second"
        stated = w.store.sessions[learner.session_id].summary
        assert stated is not None
        assert stated["conditions"]["turn_latency_ms"]["p50"] <= 1_500


@virtual_time
async def test_a_voice_runs_at_most_two_seconds_ahead_of_the_ear() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, ANSWERS["quick"])
        ahead: list[float] = []
        feed = learner.player.feed

        def watched(stream: int, pcm: bytes, now: float) -> bool:
            first = feed(stream, pcm, now)
            waiting = [v for v in learner.player._waiting if v.stream_id == stream]
            ahead.extend(v.received_ms - v.played_ms for v in waiting)
            return first

        learner.player.feed = watched  # type: ignore[method-assign]
        await learner.sit()
        assert 1_900 <= max(ahead) <= 2_200
        frames = learner.pipe.frames
        assert max(len(frame.payload) for frame in frames) == 100 * 32
        voices = {e.stream_id for e in learner.pipe.of(TtsAudio) if isinstance(e, TtsAudio)}
        assert {frame.stream for frame in frames if frame.last} == voices


@virtual_time
async def test_audio_is_acknowledged_about_once_a_second_and_only_when_stored() -> None:
    async with world() as w:
        session = w.create()
        learner = Learner(w, session.id, ANSWERS["quick"])
        stored_when_acked: list[bool] = []

        def check(event: object) -> None:
            if isinstance(event, ServerAck):
                stored_when_acked.append(event.received_ms * 32 <= sum(map(len, w.blobs.blobs.values())))

        learner.on_event = check  # type: ignore[assignment]
        await learner.sit()
        seconds = learner.microphone.position_ms / 1_000
        assert all(stored_when_acked)
        assert 0.7 * seconds <= len(stored_when_acked) <= 1.1 * seconds


@virtual_time
async def test_partials_grow_while_the_learner_speaks_and_end_with_the_final() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, ANSWERS["quick"])
        order: list[tuple[str, str]] = []
        learner.on_event = lambda event: (
            order.append((event.utterance_id, type(event).__name__))
            if type(event).__name__ in ("SttPartial", "SttFinal")
            else None
        )  # type: ignore[union-attr]
        await learner.sit()
        assert len(learner.partials) > 10
        closed: set[str] = set()
        for utterance_id, kind in order:
            assert utterance_id not in closed
            if kind == "SttFinal":
                closed.add(utterance_id)


@virtual_time
async def test_a_client_that_never_says_what_it_has_played_still_gets_its_exam() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, ANSWERS["quick"], marks=False)
        story = await learner.sit()
        assert story[-1].startswith("summary completed")


@virtual_time
async def test_many_learners_at_once_do_not_mix() -> None:
    async with world() as w:
        learners = [Learner(w, w.create().id, [(f"Learner number {n} speaking now",)]) for n in range(5)]
        for learner in learners:
            await learner.start()
        for learner in learners:
            await learner.wait_for(learner.has_summary)
        for n, learner in enumerate(learners):
            said = {line for line in learner.story if line.startswith("learner:")}
            assert said == {f"learner: Learner number {n} speaking now"}
        assert len(w.voice.spoken) == len(set(w.voice.spoken))
