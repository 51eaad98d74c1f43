"""Audio and what is said about it: order, gaps, repeats, pace, commits."""

import asyncio
import base64

from app.api.websocket.limits import Limits
from app.api.websocket.protocol import AudioCommit, ErrorEvent, ServerAck
from tests.fakes.bare_client import errors, frame, started
from tests.fakes.learner import Answer, Learner
from tests.fakes.world import world
from tests.virtual_time import virtual_time

NAME: Answer = ("My name is Alisher",)
SECOND = bytes(32_000)


@virtual_time
async def test_a_gap_is_named_forgiven_and_filled() -> None:
    async with world() as w:
        pipe = await started(w)
        pipe.send_frame(frame(0))
        for n in range(2, 12):
            pipe.send_frame(frame(n * 40))
        await pipe.until(lambda: errors(pipe))
        assert "40 ms was expected, 80 ms came" in pipe.of(ErrorEvent)[0].message  # type: ignore[attr-defined]
        for n in range(1, 60):
            pipe.send_frame(frame(n * 40))
        await pipe.until(lambda: pipe.of(ServerAck))
        assert errors(pipe) == ["audio_gap"]


@virtual_time
async def test_a_client_that_ignores_a_gap_is_closed() -> None:
    async with world() as w:
        pipe = await started(w)
        pipe.send_frame(frame(0))
        for n in range(100):
            pipe.send_frame(frame(4_000 + n * 40))
            await asyncio.sleep(0.04)
        assert await pipe.closed() == 4400
        assert errors(pipe) == ["audio_gap", "audio_gap"]


@virtual_time
async def test_audio_sent_again_is_taken_once() -> None:
    async with world() as w:
        pipe = await started(w)
        signal = w.book.speak("one two three four five six seven")
        pipe.send_frame(frame(0, signal[: 800 * 32]))
        pipe.send_frame(frame(0, signal[: 800 * 32]))
        pipe.send_frame(frame(400, signal[400 * 32 : 1_400 * 32]))
        pipe.send_frame(frame(1_400, signal[1_400 * 32 : 2_000 * 32]))
        await pipe.until(lambda: [a for a in pipe.of(ServerAck) if a.received_ms == 2_000])  # type: ignore[attr-defined]
        session_id = next(iter(w.store.sessions))
        assert await w.audio(session_id) == signal[: 2_000 * 32]
        assert errors(pipe) == []


@virtual_time
async def test_audio_from_the_future_is_refused() -> None:
    async with world(Limits(microphone_ahead_ms=5_000)) as w:
        pipe = await started(w)
        for n in range(20):
            pipe.send_frame(frame(n * 1_000, SECOND))
            await asyncio.sleep(0.01)
        await pipe.until(lambda: errors(pipe))
        assert errors(pipe)[0] == "audio_too_fast"
        assert pipe.of(ErrorEvent)[0].retry_after_ms > 0  # type: ignore[attr-defined]
        assert pipe.open


# --- commits ----------------------------------------------------------------------------------------------


@virtual_time
async def test_a_commit_is_acknowledged_once_its_audio_is_stored_and_again_when_repeated() -> None:
    async with world() as w:
        pipe = await started(w)
        pipe.send_frame(frame(0, bytes(500 * 32)))
        commit = AudioCommit(commit_id="c1", audio_start_ms=0, audio_end_ms=500)
        pipe.send(commit)
        pipe.send(commit)
        await pipe.until(lambda: [a for a in pipe.of(ServerAck) if a.commit_id == "c1"])  # type: ignore[attr-defined]
        pipe.send(commit)
        await pipe.until(lambda: len([a for a in pipe.of(ServerAck) if a.commit_id == "c1"]) >= 2)  # type: ignore[attr-defined]
        assert len(await w.audio(next(iter(w.store.sessions)))) == 500 * 32
        assert errors(pipe) == []


@virtual_time
async def test_commits_that_cannot_be_are_refused() -> None:
    async with world() as w:
        pipe = await started(w)
        pipe.send_frame(frame(0, bytes(500 * 32)))
        pipe.send(AudioCommit(commit_id="c1", audio_start_ms=0, audio_end_ms=500))
        pipe.send(AudioCommit(commit_id="c1", audio_start_ms=0, audio_end_ms=400))
        pipe.send(AudioCommit(commit_id="c2", audio_start_ms=0, audio_end_ms=501))
        pipe.send(AudioCommit(commit_id="c3", audio_start_ms=300, audio_end_ms=200))
        for audio in ("not base64!", base64.b64encode(bytes(31)).decode()):
            pipe.send(AudioCommit(commit_id="c4", audio_start_ms=500, audio_end_ms=501, audio=audio))
        await pipe.until(lambda: len(errors(pipe)) == 5)
        refused = ["commit_conflict", "commit_out_of_range", "commit_out_of_range", "bad_audio", "bad_audio"]
        assert errors(pipe) == refused


@virtual_time
async def test_an_exam_can_be_sat_with_inline_audio_alone() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME])
        await learner.start()
        await learner.wait_for(lambda: learner.state == "listening")
        learner.started = False
        signal, position = (
            w.book.speak("I speak through a very simple client"),
            learner.microphone.position_ms,
        )
        for n, begin in enumerate(range(0, len(signal), 1_000 * 32)):
            pcm = signal[begin : begin + 1_000 * 32]
            end = position + len(pcm) // 32
            learner.pipe.send(
                AudioCommit(
                    commit_id=f"c{n}",
                    audio_start_ms=position,
                    audio_end_ms=end,
                    audio=base64.b64encode(pcm).decode(),
                    end_of_turn=begin + 1_000 * 32 >= len(signal),
                )
            )
            position = end
        await learner.wait_for(
            lambda: learner.heard("learner: I speak through a very simple client"), within_s=2
        )


@virtual_time
async def test_a_commit_of_an_earlier_answer_does_not_end_the_next() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, ("I live in Tashkent with my family",)])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("learner: My name is Alisher"))
        late_ms = learner.microphone.position_ms
        await learner.wait_for(lambda: learner.heard("Where do you live?"))
        await learner.wait_for(lambda: learner.state == "learner_speaking")
        learner.pipe.send(
            AudioCommit(commit_id="late", audio_start_ms=0, audio_end_ms=late_ms, end_of_turn=True)
        )
        await learner.wait_for(lambda: learner.heard("learner: I live in Tashkent with my family"))
