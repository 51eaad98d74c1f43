"""Whatever a client sends, it is told what is wrong, and the session takes no harm."""

import asyncio
import json

import pytest

from app.api.websocket.codec import encode_frame
from app.api.websocket.protocol import (
    HEADER,
    MAX_BINARY_BYTES,
    AudioCommit,
    AudioConfig,
    AudioFrame,
    Authenticate,
    AuthRefresh,
    ClientHeartbeat,
    ErrorEvent,
    FrameKind,
    PlaybackMark,
    Ready,
    ServerAck,
    ServerHeartbeat,
    SessionEnd,
    SessionResume,
    SessionStart,
    SessionStarted,
)
from tests.fakes.bare_client import errors, frame, started
from tests.fakes.learner import Answer, Learner
from tests.fakes.world import ALICE, BOB, world
from tests.virtual_time import virtual_time

NAME: Answer = ("My name is Alisher",)
SECOND = bytes(32_000)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("{", "malformed_json"),
        ("", "malformed_json"),
        ("[" * 60_000, "invalid_event"),
        ('{"x":' + "[" * 60_000, "malformed_json"),
        ("[]", "invalid_event"),
        ("{}", "invalid_event"),
        ('{"type": "session.dance"}', "unknown_type"),
        ('{"type": 7}', "invalid_event"),
        ('{"type": "session.start", "hack": 1}', "invalid_event"),
        (
            '{"type": "audio.commit", "commit_id": "", "audio_start_ms": 0, "audio_end_ms": 1}',
            "invalid_event",
        ),
        (
            '{"type": "audio.commit", "commit_id": "a", "audio_start_ms": -1, "audio_end_ms": 1}',
            "invalid_event",
        ),
        (json.dumps({"type": "playback.mark", "utterance_id": "x" * 65, "played_ms": 0}), "invalid_event"),
        (json.dumps({"type": "session.end", "reason": "x" * 201}), "invalid_event"),
        (b"", "bad_frame"),
        (b"\x01" * 19, "bad_frame"),
        (HEADER.pack(9, 0, 0, 0, 0, 0), "bad_frame"),
        (HEADER.pack(1, 0, 0, 0, 0, 0) + b"\0\0\0", "bad_frame"),
        (encode_frame(AudioFrame(FrameKind.VOICE, 0, 0, 0, b"")), "bad_frame"),
    ],
)
@virtual_time
async def test_what_cannot_be_understood_is_refused_and_the_exam_goes_on(
    message: str | bytes, code: str
) -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME])
        await learner.start()
        learner.pipe.send_raw(message)
        await learner.pipe.until(lambda: errors(learner.pipe))
        assert errors(learner.pipe) == [code]
        await learner.wait_for(lambda: learner.heard("learner: My name is Alisher"))


@pytest.mark.parametrize("message", ["x" * 65_537, bytes(MAX_BINARY_BYTES + 1), bytes(16 * 1024 * 1024)])
@virtual_time
async def test_what_is_too_big_ends_the_connection_and_not_the_session(message: str | bytes) -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME])
        await learner.start()
        learner.pipe.send_raw(message)
        assert await learner.pipe.closed() == 4413
        assert errors(learner.pipe)[-1] == "too_big"
        learner.started = False
        await learner.come_back()
        await learner.wait_for(lambda: learner.heard("learner: My name is Alisher"))


@virtual_time
async def test_twenty_errors_are_enough() -> None:
    async with world() as w:
        pipe = await started(w)
        for _ in range(25):
            pipe.send_raw("nonsense")
        assert await pipe.closed() == 4400
        told = pipe.of(ErrorEvent)
        assert len(told) == 20
        assert [event.fatal for event in told] == [False] * 19 + [True]  # type: ignore[attr-defined]


# --- order ------------------------------------------------------------------------------------------------


@virtual_time
async def test_audio_before_the_start_is_refused_once_and_not_lost_silently() -> None:
    async with world() as w:
        pipe = w.connect(w.create().id)
        pipe.send(AudioConfig())
        for n in range(50):
            pipe.send_frame(frame(n * 40))
        pipe.send(AudioCommit(event_id="c", commit_id="c", audio_start_ms=0, audio_end_ms=40))
        await pipe.until(lambda: len(errors(pipe)) == 2)
        assert errors(pipe) == ["audio_before_start"] * 2
        assert pipe.of(ErrorEvent)[1].ref_event_id == "c"  # type: ignore[attr-defined]
        pipe.send(SessionStart())
        await pipe.until(lambda: pipe.of(SessionStarted))
        pipe.send_frame(frame(0, SECOND))
        await pipe.until(lambda: pipe.of(ServerAck))


@virtual_time
async def test_audio_without_its_format_is_refused() -> None:
    async with world() as w:
        pipe = w.connect(w.create().id)
        pipe.send(SessionStart())
        await pipe.until(lambda: pipe.of(SessionStarted))
        pipe.send_frame(frame(0))
        await pipe.until(lambda: errors(pipe))
        assert errors(pipe) == ["audio_before_start"]
        pipe.send(AudioConfig())
        pipe.send_frame(frame(0, SECOND))
        await pipe.until(lambda: pipe.of(ServerAck))


@pytest.mark.parametrize(
    "config",
    [AudioConfig(sample_rate=44_100), AudioConfig(channels=2), AudioConfig(encoding="opus")],
)
@virtual_time
async def test_another_audio_format_is_refused(config: AudioConfig) -> None:
    async with world() as w:
        pipe = w.connect(w.create().id)
        pipe.send(config)
        await pipe.until(lambda: errors(pipe))
        assert errors(pipe) == ["unsupported_audio"]
        pipe.send(AudioConfig())
        pipe.send(SessionStart())
        await pipe.until(lambda: pipe.of(SessionStarted))


@virtual_time
async def test_starting_twice_changes_nothing() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME])
        await learner.start()
        learner.pipe.send(SessionStart(event_id="again"))
        await learner.wait_for(lambda: learner.heard("learner: My name is Alisher"))
        told = learner.pipe.of(ErrorEvent)
        assert [(e.code, e.ref_event_id) for e in told] == [("already_started", "again")]  # type: ignore[attr-defined]
        assert len(learner.pipe.of(SessionStarted)) == 1
        assert w.store.sessions[learner.session_id].epoch == 1


@pytest.mark.parametrize("event", [SessionEnd(), Ready(), PlaybackMark(utterance_id="u", played_ms=1)])
@virtual_time
async def test_nothing_can_be_done_to_an_exam_that_has_not_begun(event: SessionEnd) -> None:
    async with world() as w:
        session = w.create()
        pipe = w.connect(session.id)
        pipe.send(event)
        await pipe.until(lambda: errors(pipe))
        assert errors(pipe) == ["not_started"]
        assert w.store.sessions[session.id].status == "created"


@virtual_time
async def test_resuming_what_never_was_is_refused() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME])
        await learner.start()
        second = w.connect(learner.session_id)
        second.send(SessionResume(session_id=str(learner.session_id), last_seq=10_000))
        second.send(SessionResume(session_id="another", last_seq=0))
        second.send(SessionEnd())
        second.send(AudioCommit(commit_id="c", audio_start_ms=0, audio_end_ms=0))
        await second.until(lambda: len(errors(second)) == 4)
        assert errors(second) == ["bad_resume", "bad_resume", "not_joined", "audio_before_start"]
        second.send(SessionResume(session_id=str(learner.session_id), last_seq=0))
        await second.until(lambda: len(second.received) > 5)


@virtual_time
async def test_a_store_that_is_away_at_the_start_can_be_asked_again() -> None:
    async with world() as w:
        pipe = w.connect(w.create().id)
        await asyncio.sleep(0.1)
        w.store.fail(1)
        pipe.send(SessionStart())
        await pipe.until(lambda: errors(pipe))
        told = pipe.of(ErrorEvent)[0]
        assert isinstance(told, ErrorEvent)
        assert (told.code, told.retryable, told.fatal) == ("storage_unavailable", True, False)
        pipe.send(SessionStart())
        await pipe.until(lambda: pipe.of(SessionStarted))


@virtual_time
async def test_an_exam_does_not_begin_before_the_models_are_loaded() -> None:
    async with world() as w:
        w.ready = False
        pipe = w.connect(w.create().id)
        pipe.send(SessionStart())
        await pipe.until(lambda: errors(pipe))
        assert errors(pipe) == ["not_ready"]
        w.ready = True
        pipe.send(SessionStart())
        await pipe.until(lambda: pipe.of(SessionStarted))


@virtual_time
async def test_after_the_end_nothing_is_taken_and_nothing_breaks() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("learner:"))
        await learner.end()
        stored = await w.audio(learner.session_id)
        position = learner.microphone.position_ms
        learner.pipe.send_frame(frame(position))
        learner.pipe.send(SessionEnd())
        learner.pipe.send(AudioCommit(commit_id="late", audio_start_ms=0, audio_end_ms=position))
        learner.pipe.send(Ready())
        await learner.pipe.until(lambda: len(errors(learner.pipe)) == 2)
        assert errors(learner.pipe) == ["session_ended"] * 2
        assert await w.audio(learner.session_id) == stored
        w.finish_analysis(learner.session_id)
        assert await learner.pipe.closed() == 1000


# --- who --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("session", ["00000000-0000-0000-0000-000000000000", "nonsense", "1", "..%2f"])
@virtual_time
async def test_a_session_that_is_not_there_does_not_exist(session: str) -> None:
    async with world() as w:
        pipe = w.connect(session)
        assert await pipe.closed() == 4404
        assert errors(pipe) == ["unknown_session"]


@virtual_time
async def test_a_foreign_session_looks_like_one_that_is_not_there() -> None:
    async with world() as w:
        session = w.create(user=BOB)
        foreign, missing = w.connect(session.id), w.connect("00000000-0000-0000-0000-000000000000")
        assert await foreign.closed() == await missing.closed() == 4404
        told = [pipe.of(ErrorEvent)[0] for pipe in (foreign, missing)]
        assert told[0].message == told[1].message  # type: ignore[attr-defined]
        assert w.manager.live == 0


@virtual_time
async def test_the_token_may_come_in_the_first_message() -> None:
    async with world() as w:
        pipe = w.connect(w.create().id, user=None)
        pipe.send(Authenticate(token=str(ALICE)))
        pipe.send(SessionStart())
        await pipe.until(lambda: pipe.of(SessionStarted))


@pytest.mark.parametrize("first", [Authenticate(token="forged"), SessionStart(), None, b"\x01"])
@virtual_time
async def test_without_a_good_token_nobody_gets_in(first: Authenticate | bytes | None) -> None:
    async with world() as w:
        pipe = w.connect(w.create().id, user=None)
        if isinstance(first, bytes):
            pipe.send_raw(first)
        elif first is not None:
            pipe.send(first)
        assert await pipe.closed(within_s=5.5) == 4401
        assert errors(pipe)[0] in ("token_invalid", "token_missing")


@virtual_time
async def test_a_newer_token_must_be_the_same_users() -> None:
    async with world() as w:
        pipe = await started(w)
        pipe.send(AuthRefresh(token=str(ALICE)))
        pipe.send(ClientHeartbeat())
        await pipe.until(lambda: pipe.of(ServerHeartbeat))
        pipe.send(AuthRefresh(token=str(BOB)))
        assert await pipe.closed() == 4401
