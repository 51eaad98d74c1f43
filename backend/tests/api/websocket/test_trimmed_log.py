"""A log whose older part was removed: who comes back gets a snapshot in its place, from the real database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import psycopg
import pytest

from app.api.websocket.limits import Limits
from app.api.websocket.protocol import (
    AiReply,
    AudioConfig,
    ErrorEvent,
    PlaybackMark,
    SessionEnd,
    SessionResume,
    SessionResumed,
    SessionStart,
    Snapshot,
    SummaryReady,
)
from app.repositories.database import Database
from app.repositories.live_sessions import PostgresLiveSessions
from app.repositories.sessions import PostgresSessions
from app.services.session_store import SessionRecord
from tests.fakes.exam_plan import plan_for
from tests.fakes.pipe import Pipe
from tests.fakes.world import World, world

FORGETFUL = Limits(log_tail_bytes=1)
"""Every event but the last is read from the database."""


@pytest.fixture
async def session(database: Database, alice: UUID) -> SessionRecord:
    return await PostgresSessions(database).create(
        alice, mode="part1", clock="short", plan=plan_for("part1").to_dict()
    )


@asynccontextmanager
async def process(database: Database, name: str) -> AsyncIterator[World]:
    async with world(FORGETFUL, PostgresLiveSessions(database, owner=name)) as w:
        yield w


def trim(superuser: psycopg.Connection, session: SessionRecord, before: int) -> None:
    superuser.execute("delete from session_events where session_id = %s and seq < %s", (session.id, before))


async def begun(w: World, session: SessionRecord) -> Pipe:
    """An exam that has come as far as its second line."""
    pipe = w.connect(session.id, user=session.user_id)
    pipe.send(AudioConfig())
    pipe.send(SessionStart(seq=1))
    await pipe.until(lambda: pipe.of(AiReply))
    (greeting,) = pipe.of(AiReply)
    assert isinstance(greeting, AiReply)
    pipe.send(PlaybackMark(utterance_id=greeting.utterance_id, played_ms=1, done=True))
    await pipe.until(lambda: len(pipe.of(AiReply)) == 2)
    return pipe


async def come_back(w: World, session: SessionRecord, *, last_seq: int) -> tuple[Pipe, SessionResumed]:
    pipe = w.connect(session.id, user=session.user_id)
    pipe.send(AudioConfig())
    pipe.send(SessionResume(session_id=str(session.id), last_seq=last_seq))
    await pipe.until(lambda: pipe.of(SessionResumed) or pipe.of(ErrorEvent))
    (resumed,) = pipe.of(SessionResumed)
    assert isinstance(resumed, SessionResumed)
    return pipe, resumed


def spoken(pipe: Pipe) -> list[str]:
    return [event.text for event in pipe.of(AiReply) if isinstance(event, AiReply)]


def assert_is_where_the_exam_stands(snapshot: Snapshot | None, before: Pipe) -> None:
    assert snapshot is not None
    assert (snapshot.mode, snapshot.clock, snapshot.part, snapshot.card) == ("part1", "short", None, None)
    assert [turn.text for turn in snapshot.turns] == spoken(before)
    assert snapshot.question == spoken(before)[-1]
    asked = before.of(AiReply)[-1]
    assert isinstance(asked, AiReply)
    assert snapshot.voice is not None
    assert snapshot.voice.utterance_id == asked.utterance_id
    assert snapshot.voice.turn_id == asked.turn_id == snapshot.turns[-1].turn_id
    assert snapshot.elapsed_ms is not None


async def test_an_exam_under_way_is_joined_with_a_snapshot(
    database: Database, superuser: psycopg.Connection, session: SessionRecord
) -> None:
    async with process(database, "one") as w:
        before = await begun(w, session)
        before.cut()
        trim(superuser, session, before=4)
        pipe, resumed = await come_back(w, session, last_seq=1)
        assert (resumed.continuity, resumed.phase, resumed.in_seq) == (False, "opening", 1)
        assert_is_where_the_exam_stands(resumed.snapshot, before)
        assert resumed.snapshot is not None
        pipe.send(SessionEnd())
        await pipe.until(lambda: pipe.of(SummaryReady))
        seqs = [event["seq"] for event in pipe.raw if "seq" in event]
        assert seqs == list(range(resumed.snapshot.last_seq + 1, resumed.snapshot.last_seq + 1 + len(seqs)))


async def test_who_has_all_that_was_removed_gets_the_rest_as_ever(
    database: Database, superuser: psycopg.Connection, session: SessionRecord
) -> None:
    async with process(database, "one") as w:
        before = await begun(w, session)
        before.cut()
        trim(superuser, session, before=4)
        pipe, resumed = await come_back(w, session, last_seq=3)
        assert (resumed.continuity, resumed.snapshot) == (True, None)
        await pipe.until(lambda: spoken(pipe) == spoken(before)[-1:])


async def test_another_process_makes_the_snapshot_of_a_log_that_is_gone(
    database: Database, superuser: psycopg.Connection, session: SessionRecord
) -> None:
    async with process(database, "one") as w, process(database, "two") as other:
        before = await begun(w, session)
        before.cut()
        await w.manager.close()
        trim(superuser, session, before=10_000)
        pipe, resumed = await come_back(other, session, last_seq=2)
        assert (resumed.continuity, resumed.epoch) == (False, 2)
        assert_is_where_the_exam_stands(resumed.snapshot, before)
        assert resumed.snapshot is not None
        asked = before.of(AiReply)[-1]
        assert isinstance(asked, AiReply)
        pipe.send(PlaybackMark(utterance_id=asked.utterance_id, played_ms=1, done=True))
        pipe.send(SessionEnd())
        await pipe.until(lambda: pipe.of(SummaryReady))
        seqs = [event["seq"] for event in pipe.raw if "seq" in event]
        assert seqs[0] == resumed.snapshot.last_seq + 1


async def test_an_exam_that_is_over_has_its_summary_in_the_snapshot(
    database: Database, superuser: psycopg.Connection, session: SessionRecord
) -> None:
    async with process(database, "one") as w:
        before = await begun(w, session)
        before.send(SessionEnd())
        await before.until(lambda: before.of(SummaryReady))
        summary = before.of(SummaryReady)[0]
        assert isinstance(summary, SummaryReady)
        before.cut()
        await w.until(lambda: w.manager.live == 0)
        assert summary.seq is not None
        trim(superuser, session, before=summary.seq)
        pipe, resumed = await come_back(w, session, last_seq=0)
        assert (resumed.continuity, resumed.phase) == (False, "ended")
        assert resumed.snapshot is not None
        assert resumed.snapshot.summary == summary.summary
        assert [turn.text for turn in resumed.snapshot.turns] == spoken(before)
        await pipe.until(lambda: pipe.of(SummaryReady))
        assert pipe.of(SummaryReady)[0].seq == resumed.snapshot.last_seq + 1


async def test_an_exam_that_is_over_and_of_which_no_event_is_left(
    database: Database, superuser: psycopg.Connection, session: SessionRecord
) -> None:
    async with process(database, "one") as w:
        before = await begun(w, session)
        before.send(SessionEnd())
        await before.until(lambda: before.of(SummaryReady))
        before.cut()
        await w.until(lambda: w.manager.live == 0)
        trim(superuser, session, before=10_000)
        _, resumed = await come_back(w, session, last_seq=3)
        assert (resumed.continuity, resumed.phase) == (False, "ended")
        assert resumed.snapshot is not None
        assert resumed.snapshot.summary is not None
