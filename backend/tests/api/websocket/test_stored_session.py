"""A session over the real database: what a client was told is what the tables hold."""

import asyncio
from uuid import UUID

from app.api.websocket.protocol import (
    AiReply,
    AudioCommit,
    AudioConfig,
    AudioFrame,
    FrameKind,
    PlaybackMark,
    SessionEnd,
    SessionStart,
    SttFinal,
    SummaryReady,
)
from app.repositories.database import Database
from app.repositories.live_sessions import PostgresLiveSessions
from app.repositories.sessions import PostgresSessions
from tests.fakes.exam_plan import plan_for
from tests.fakes.world import world


async def test_a_short_exam_is_stored_and_queued_for_analysis(database: Database, alice: UUID) -> None:
    archive, store = PostgresSessions(database), PostgresLiveSessions(database)
    session = await archive.create(alice, mode="part1", clock="short", plan=plan_for("part1").to_dict())
    async with world(store=store) as w:
        pipe = w.connect(session.id, user=alice)
        pipe.send(AudioConfig())
        pipe.send(SessionStart())

        async def hear(lines: int) -> None:
            await pipe.until(lambda: len(pipe.of(AiReply)) == lines)
            spoken = pipe.of(AiReply)[-1]
            assert isinstance(spoken, AiReply)
            pipe.send(PlaybackMark(utterance_id=spoken.utterance_id, played_ms=1, done=True))

        await hear(1)
        await hear(2)
        await asyncio.sleep(0.1)
        signal = w.book.speak("My name is Alisher")
        position = 0
        for n in range(0, len(signal), 40 * 32):
            pipe.send_frame(AudioFrame(FrameKind.MICROPHONE, 0, n, position, signal[n : n + 40 * 32]))
            position += 40
        pipe.send(AudioCommit(commit_id="c", audio_start_ms=0, audio_end_ms=position, end_of_turn=True))
        await pipe.until(lambda: pipe.of(SttFinal))
        pipe.send(SessionEnd())
        await pipe.until(lambda: pipe.of(SummaryReady))
        pipe.cut()

    detail = await archive.detail(alice, session.id)
    assert detail is not None
    assert (detail.session.status, detail.session.end_reason) == ("ended", "ended_by_learner")
    assert detail.analysis_status == "queued"
    assert [turn.text for turn in detail.turns if turn.speaker == "learner"] == ["My name is Alisher"]
    assert detail.session.audio_ms == position
    assert detail.session.summary is not None
    events = await store.events_after(session.id, alice, 0)
    assert [{**event.payload, "seq": event.seq} for event in events] == [e for e in pipe.raw if "seq" in e]
