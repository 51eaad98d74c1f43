"""A session store in memory that keeps the contract of the real one: numbering, epochs, one end."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from app.services.errors import StorageUnavailable
from app.services.session_store import (
    Checkpoint,
    NewEvent,
    SessionMode,
    SessionRecord,
    StaleOwner,
    StoredEvent,
    TurnRecord,
)


class MemoryStore:
    """SessionStore over dictionaries. Every call takes `delay_s`; `fail(n)` makes the next `n` writes fail.

    With `lost_answers` a failing write has been committed all the same.
    """

    def __init__(self, *, delay_s: float = 0.002) -> None:
        self.sessions: dict[UUID, SessionRecord] = {}
        self.events: dict[UUID, list[StoredEvent]] = {}
        self.turns: dict[UUID, dict[UUID, TurnRecord]] = {}
        self.queued_analyses: list[UUID] = []
        self.writes = 0
        self.delay_s = delay_s
        self._failures = 0
        self.lost_answers = False

    def create(
        self,
        user_id: UUID,
        *,
        mode: SessionMode = "quick",
        clock: str = "short",
        plan: dict[str, Any] | None = None,
    ) -> SessionRecord:
        """Add a session that has not begun."""
        record = SessionRecord(
            id=uuid4(),
            user_id=user_id,
            mode=mode,
            status="created",
            clock=clock,
            plan=plan or {},
            epoch=0,
            last_seq=0,
            audio_ms=0,
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        self.sessions[record.id] = record
        self.events[record.id] = []
        self.turns[record.id] = {}
        return record

    def fail(self, writes: int, *, lost_answers: bool = False) -> None:
        """Let the next writes raise StorageUnavailable."""
        self._failures = writes
        self.lost_answers = lost_answers

    def dialogue(self, session_id: UUID) -> list[TurnRecord]:
        """The session's turns in order."""
        return sorted(self.turns[session_id].values(), key=lambda turn: turn.index)

    def append_as_worker(self, session_id: UUID, event: NewEvent) -> None:
        """Append to an ended session's log, as the analysis worker does."""
        self._put(self.sessions[session_id], [event])

    async def load(self, session_id: UUID, user_id: UUID) -> SessionRecord | None:
        await asyncio.sleep(self.delay_s)
        record = self.sessions.get(session_id)
        return record if record is not None and record.user_id == user_id else None

    async def claim(self, session_id: UUID, user_id: UUID) -> SessionRecord:
        await asyncio.sleep(self.delay_s)
        self._stumble()
        record = self.sessions.get(session_id)
        if record is None or record.user_id != user_id or record.status == "ended":
            raise LookupError(str(session_id))
        claimed = replace(record, epoch=record.epoch + 1, status="live")
        self.sessions[session_id] = claimed
        return claimed

    async def append(
        self,
        session: SessionRecord,
        events: Sequence[NewEvent],
        *,
        turns: Sequence[TurnRecord] = (),
        checkpoint: Checkpoint | None = None,
    ) -> int:
        await asyncio.sleep(self.delay_s)
        if not self.lost_answers:
            self._stumble()
        current = self._owned(session)
        for turn in turns:
            self.turns[session.id][turn.id] = turn
        if checkpoint is not None:
            snapshot = checkpoint.snapshot or current.snapshot
            current = replace(current, snapshot=snapshot, audio_ms=max(current.audio_ms, checkpoint.audio_ms))
        first = self._put(current, events)
        if self.lost_answers:
            self._stumble()
        return first

    async def finish(
        self,
        session: SessionRecord,
        events: Sequence[NewEvent],
        *,
        reason: str,
        summary: dict[str, Any],
        audio_ms: int,
    ) -> int:
        await asyncio.sleep(self.delay_s)
        if not self.lost_answers:
            self._stumble()
        stored = self.sessions[session.id]
        if stored.status == "ended" and stored.epoch == session.epoch:
            return stored.last_seq
        current = replace(
            self._owned(session), status="ended", end_reason=reason, summary=summary, audio_ms=audio_ms
        )
        self.queued_analyses.append(session.id)
        first = self._put(current, events)
        if self.lost_answers:
            self._stumble()
        return first

    async def events_after(
        self, session_id: UUID, user_id: UUID, seq: int, limit: int = 500
    ) -> list[StoredEvent]:
        await asyncio.sleep(self.delay_s)
        assert self.sessions[session_id].user_id == user_id
        return [event for event in self.events[session_id] if event.seq > seq][:limit]

    def _put(self, record: SessionRecord, events: Sequence[NewEvent]) -> int:
        first = record.last_seq + 1
        self.events[record.id] += [
            StoredEvent(first + i, event.type, event.payload) for i, event in enumerate(events)
        ]
        self.sessions[record.id] = replace(record, last_seq=record.last_seq + len(events))
        return first

    def _owned(self, session: SessionRecord) -> SessionRecord:
        stored = self.sessions[session.id]
        if stored.epoch != session.epoch or stored.status != "live":
            raise StaleOwner(f"epoch {session.epoch} of {session.id}")
        return stored

    def _stumble(self) -> None:
        self.writes += 1
        if self._failures > 0:
            self._failures -= 1
            raise StorageUnavailable("the database is away")
