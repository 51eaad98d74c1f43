"""The numbers of a client: what is sent twice is taken once, a hole is refused, nothing is dropped early."""

import asyncio

import pytest

from app.api.websocket.codec import decode_event
from app.api.websocket.protocol import (
    AudioCommit,
    AudioConfig,
    ErrorEvent,
    ProtocolError,
    ServerAck,
    SessionResume,
    SessionResumed,
    SessionStart,
    SessionStarted,
)
from tests.fakes.bare_client import errors, frame
from tests.fakes.world import world
from tests.virtual_time import virtual_time


@virtual_time
async def test_an_event_that_is_sent_again_is_taken_once() -> None:
    async with world() as w:
        pipe = w.connect(w.create().id)
        pipe.send(AudioConfig())
        pipe.send(SessionStart(seq=1))
        await pipe.until(lambda: pipe.of(SessionStarted))
        pipe.send_frame(frame(0, bytes(500 * 32)))
        pipe.send(AudioCommit(seq=2, commit_id="c1", audio_start_ms=0, audio_end_ms=500))
        pipe.send(AudioCommit(seq=2, commit_id="c2", audio_start_ms=0, audio_end_ms=9_999))
        await pipe.until(lambda: [a for a in pipe.of(ServerAck) if a.commit_id == "c1"])  # type: ignore[attr-defined]
        assert errors(pipe) == []


@pytest.mark.parametrize("lost", [1, 40])
@virtual_time
async def test_a_hole_in_the_clients_numbers_closes_the_connection_and_is_filled_over_the_next(
    lost: int,
) -> None:
    async with world() as w:
        session = w.create()
        pipe = w.connect(session.id)
        pipe.send(AudioConfig())
        pipe.send(SessionStart(seq=1))
        await pipe.until(lambda: pipe.of(SessionStarted))
        pipe.send_frame(frame(0, bytes(500 * 32)))
        pipe.send(AudioCommit(seq=2 + lost, commit_id="c1", audio_start_ms=0, audio_end_ms=500))
        assert await pipe.closed() == 4400
        (error,) = pipe.of(ErrorEvent)
        assert (error.code, error.fatal, error.class_) == ("seq_gap", True, "client")  # type: ignore[attr-defined]
        assert f"Event 2 was expected, {2 + lost} came" in error.message  # type: ignore[attr-defined]

        again = w.connect(session.id)
        again.send(AudioConfig())
        again.send(SessionResume(session_id=str(session.id), last_seq=1))
        await again.until(lambda: again.of(SessionResumed))
        assert again.of(SessionResumed)[0].in_seq == 1  # type: ignore[attr-defined]
        again.send_frame(frame(0, bytes(500 * 32)))
        again.send(AudioCommit(seq=2, commit_id="c1", audio_start_ms=0, audio_end_ms=500))
        await again.until(lambda: [a for a in again.of(ServerAck) if a.commit_id == "c1"])  # type: ignore[attr-defined]
        assert errors(again) == []


@virtual_time
async def test_a_client_is_not_told_to_forget_what_is_not_stored() -> None:
    async with world() as w:
        session = w.create()
        pipe = w.connect(session.id)
        pipe.send(AudioConfig())
        pipe.send(SessionStart(seq=1))
        await pipe.until(lambda: pipe.of(SessionStarted))
        await asyncio.sleep(1)
        pipe.send_frame(frame(0, bytes(500 * 32)))
        w.store.fail(4)
        pipe.send(AudioCommit(seq=2, commit_id="c1", audio_start_ms=0, audio_end_ms=500))
        await asyncio.sleep(0.3)
        pipe.cut()
        again = w.connect(session.id)
        again.send(AudioConfig())
        again.send(SessionResume(session_id=str(session.id), last_seq=1))
        await again.until(lambda: again.of(SessionResumed))
        assert again.of(SessionResumed)[0].in_seq == 1  # type: ignore[attr-defined]
        again.send(AudioCommit(seq=2, commit_id="c1", audio_start_ms=0, audio_end_ms=500))
        await again.until(lambda: [a for a in again.of(ServerAck) if a.ack == 2])
        assert errors(again) == []


def test_only_what_must_not_be_lost_is_numbered() -> None:
    with pytest.raises(ProtocolError, match="unknown field `seq`"):
        decode_event(b'{"type":"heartbeat","seq":3}')
