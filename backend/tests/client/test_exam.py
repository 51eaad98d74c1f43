"""The client against a scripted server over a real socket; its clock is moved by hand."""

import msgspec
import pytest

from app.api.websocket.protocol import (
    Ack,
    AnalysisReady,
    AudioCommit,
    AudioConfig,
    ClientHeartbeat,
    PlaybackMark,
    Ready,
    SessionEnd,
    SessionStart,
    SttPartial,
    SummaryReady,
    TtsClear,
    TurnNext,
    TurnRetry,
    TurnState,
)
from client import (
    Speech,
)
from tests.fakes.exam_server import ExamServer, Peer, live, only_begin, reply
from tests.fakes.manual_clock import ManualClock

RATE = 24_000
ONE_SECOND_OF_VOICE = b"\x01\x00" * RATE


async def test_it_introduces_itself_and_streams_only_once_started(
    server: ExamServer, clock: ManualClock
) -> None:
    server.script = only_begin
    async with live(server, clock) as exam:
        await clock.advance(0.2)
        started = await exam.start("Aziz")
        await clock.advance(0.12)
        peer = server.peers[0]
        await peer.until(lambda: len(peer.frames) == 3)
    assert started.mode == "quick"
    assert peer.authorization == "Bearer a-token"
    assert peer.order[:2] == ["AudioConfig", "SessionStart"]
    config = peer.of(AudioConfig)[0]
    assert (config.encoding, config.sample_rate, config.channels, config.frame_ms) == (
        "pcm_s16le",
        16_000,
        1,
        40,
    )
    start = peer.of(SessionStart)[0]
    assert (start.display_name, start.seq) == ("Aziz", 1)
    assert [frame.offset_ms for frame in peer.frames] == [0, 40, 80]
    assert not any(peer.audio)


async def test_speech_arrives_whole_in_its_place(server: ExamServer, clock: ManualClock) -> None:
    server.script = only_begin
    said = b"\x05\x00" * 16 * 100
    async with live(server, clock) as exam:
        await exam.start()
        await clock.advance(0.08)
        spoken = exam.say(Speech(said))
        await clock.advance(0.2)
        await exam.quiet()
        peer = server.peers[0]
        await peer.until(lambda: len(peer.frames) == 7)
    assert spoken.start == 80 * 16
    assert peer.audio == bytes(80 * 32) + said + bytes(100 * 32)
    assert [f.offset_ms for f in peer.frames] == list(range(0, 280, 40))


async def test_after_a_stall_no_frame_is_missing(server: ExamServer, clock: ManualClock) -> None:
    server.script = only_begin
    async with live(server, clock) as exam:
        await exam.start()
        clock.jump(0.4)
        await clock.advance(0.04)
        peer = server.peers[0]
        await peer.until(lambda: len(peer.frames) == 11)
    assert [f.offset_ms for f in peer.frames] == list(range(0, 440, 40))


async def test_it_plays_the_voice_and_reports_done_after_its_length(
    server: ExamServer, clock: ManualClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.begin()
        await peer.send(reply(2))
        await peer.speak("u2", ONE_SECOND_OF_VOICE, stream=7, rate=RATE, seq=3)
        await peer.send(TurnState(state="listening"))

    server.script = script
    async with live(server, clock) as exam:
        await exam.start()
        async for event in exam:
            if isinstance(event, TurnState):
                break
        await clock.advance(0.96)
        peer = server.peers[0]
        await peer.expect(Ack)
        assert not any(mark.done for mark in peer.of(PlaybackMark))
        await clock.advance(0.04)
        await peer.until(lambda: any(mark.done for mark in peer.of(PlaybackMark)))
        assert exam.player.heard("u2") == ONE_SECOND_OF_VOICE
    marks = peer.of(PlaybackMark)
    assert [(m.utterance_id, m.done) for m in marks] == [("u2", False), ("u2", True)]
    assert 500 <= marks[0].played_ms < 560
    assert marks[1].played_ms == 1_000


async def test_a_cleared_utterance_is_answered_with_what_was_heard(
    server: ExamServer, clock: ManualClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.begin()
        await peer.speak("u2", ONE_SECOND_OF_VOICE, stream=7, rate=RATE, seq=2)
        await peer.expect(PlaybackMark)
        await peer.send(TtsClear(seq=4, utterance_id="u2"))

    server.script = script
    async with live(server, clock) as exam:
        await exam.start()
        async for event in exam:
            if getattr(event, "state", None) == "end":
                break
        await clock.advance(0.6)
        peer = server.peers[0]
        cleared = await peer.expect(PlaybackMark, 2)
    assert not cleared.done
    assert 500 <= cleared.played_ms <= 640


async def test_what_is_durable_is_acknowledged_once_and_taken_once(
    server: ExamServer, clock: ManualClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.begin()
        await peer.send(reply(2), reply(3), reply(3), reply(2), TurnState(state="thinking"))

    server.script = script
    async with live(server, clock) as exam:
        await exam.start()
        seen: list[int | None] = []
        async for event in exam:
            seen.append(event.seq)
            if isinstance(event, TurnState):
                break
        await clock.advance(0.4)
        peer = server.peers[0]
        await peer.until(lambda: len(peer.frames) == 10)
    assert seen == [1, 2, 3, None]
    assert [ack.ack for ack in peer.of(Ack)] == [3]


async def test_silence_on_the_line_is_filled_with_heartbeats(server: ExamServer, clock: ManualClock) -> None:
    server.script = only_begin
    async with live(server, clock):
        await clock.advance(10.1)
        peer = server.peers[0]
        await peer.expect(ClientHeartbeat)


async def test_the_learner_may_declare_an_answer_over(server: ExamServer, clock: ManualClock) -> None:
    server.script = only_begin
    async with live(server, clock) as exam:
        await exam.start()
        await clock.advance(0.08)
        spoken = exam.say(Speech(b"\x05\x00" * 16 * 80))
        await clock.advance(0.12)
        await exam.end_of_turn(spoken.start_ms)
        await exam.ready()
        peer = server.peers[0]
        commit = await peer.expect(AudioCommit)
        ready = await peer.expect(Ready)
    assert (commit.audio_start_ms, commit.audio_end_ms, commit.end_of_turn) == (80, 200, True)
    assert (commit.seq, ready.seq) == (2, 3)


async def test_what_a_learner_chooses_in_practice_is_counted(server: ExamServer, clock: ManualClock) -> None:
    server.script = only_begin
    async with live(server, clock) as exam:
        await exam.start()
        await exam.choose(TurnRetry())
        await exam.choose(TurnNext())
        peer = server.peers[0]
        assert (await peer.expect(TurnRetry)).seq == 2
        assert (await peer.expect(TurnNext)).seq == 3


async def test_the_end_stops_the_microphone_and_brings_summary_and_analysis(
    server: ExamServer, clock: ManualClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.begin()
        await peer.expect(SessionEnd)
        await peer.send(SummaryReady(seq=2, summary={"words": 12}))
        await peer.send(AnalysisReady(seq=3, analysis_id="a1", status="done", url="/x", overall_band=6.0))
        await peer.close()

    server.script = script
    async with live(server, clock) as exam:
        await exam.start()
        exam.say(Speech(bytes(32 * 4_000)))
        await clock.advance(0.08)
        await exam.end("enough")
        assert await exam.summary(5) == {"words": 12}
        assert (await exam.analysis_ready(5)).analysis_id == "a1"
        rest = [type(event).__name__ async for event in exam]
        peer = server.peers[0]
    assert rest == ["SessionStarted", "SummaryReady", "AnalysisReady"]
    assert peer.order[-1] == "SessionEnd"
    assert peer.of(SessionEnd)[0].reason == "enough"
    assert exam.timings.report()["summary_ms"] == 0


async def test_turn_latency_is_measured_from_the_sample_that_was_spoken_last(
    server: ExamServer, clock: ManualClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.begin()
        await peer.until(lambda: len(peer.frames) >= 5)
        await peer.send(SttPartial(utterance_id="p", revision=1, text="I", start_ms=0, end_ms=100))
        await peer.until(lambda: len(peer.frames) >= 50)
        await peer.send(reply(2))
        await peer.speak("u2", ONE_SECOND_OF_VOICE, stream=1, rate=RATE, seq=3)

    server.script = script
    async with live(server, clock) as exam:
        await exam.start()
        exam.say(Speech(b"\x05\x00" * 16 * 1_000, spans=((16 * 100, 16 * 300), (16 * 500, 16 * 700))))
        await clock.advance(0.2)
        async for event in exam:
            if isinstance(event, SttPartial):
                break
        await clock.advance(1.8)
        async for event in exam:
            if getattr(event, "state", None) == "end":
                break
    assert exam.timings.report()["turn_latency_ms"]["p50"] == pytest.approx(1_300, abs=1)
    assert exam.timings.report()["first_partial_ms"] == pytest.approx(100, abs=1)


async def test_an_answer_that_the_examiner_stopped_is_not_a_turn_the_server_heard_end(
    server: ExamServer, clock: ManualClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.begin()
        await peer.until(lambda: len(peer.frames) >= 25)
        await peer.send(msgspec.structs.replace(reply(2), kind="stop"))
        await peer.speak("u2", ONE_SECOND_OF_VOICE, stream=1, rate=RATE, seq=3)

    server.script = script
    async with live(server, clock) as exam:
        await exam.start()
        exam.say(Speech(b"\x05\x00" * 16 * 2_000, spans=((0, 16 * 900), (16 * 1_500, 16 * 2_000))))
        await clock.advance(1.0)
        async for event in exam:
            if getattr(event, "state", None) == "end":
                break
    assert exam.timings.report()["turn_latency_ms"]["p50"] is None
