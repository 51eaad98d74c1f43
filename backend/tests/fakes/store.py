"""A session store in memory that keeps the contract of the real one: numbering, epochs, one end."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from app.services.errors import StorageUnavailable
from app.services.exam_quota import ExamQuota
from app.services.session_store import (
    Checkpoint,
    LeaseHeld,
    NewEvent,
    SessionMode,
    SessionRecord,
    StaleOwner,
    StoredEvent,
    TurnRecord,
    Wish,
)

LEASE_S = 10.0


class MemoryStore:
    """SessionStore over dictionaries. Every call takes `delay_s`; `fail(n)` makes the next `n` writes fail.

    With `lost_answers` a failing write has been committed all the same. `of_another_process` is the same data
    as another process sees it. After `freeze` nothing is answered or written, as when the process was killed
    or stopped.
    """

    def __init__(self, *, delay_s: float = 0.002) -> None:
        self.owner = "first"
        self.quota = ExamQuota()
        self.leases: dict[UUID, tuple[str | None, float]] = {}
        self.asked_for: dict[UUID, str | None] = {}
        self._awake = asyncio.Event()
        self._awake.set()
        self.sessions: dict[UUID, SessionRecord] = {}
        self.events: dict[UUID, list[StoredEvent]] = {}
        self._turns: dict[UUID, dict[UUID, TurnRecord]] = {}
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
        self._turns[record.id] = {}
        return record

    def of_another_process(self) -> "MemoryStore":
        """Return a store over the same data with leases of its own."""
        other = MemoryStore(delay_s=self.delay_s)
        other.owner, other.quota = uuid4().hex, self.quota
        other.sessions, other.events, other.queued_analyses = self.sessions, self.events, self.queued_analyses
        other.leases, other.asked_for, other._turns = self.leases, self.asked_for, self._turns
        return other

    def fail(self, writes: int, *, lost_answers: bool = False) -> None:
        """Let the next writes raise StorageUnavailable."""
        self._failures = writes
        self.lost_answers = lost_answers

    def freeze(self) -> None:
        """Answer nothing any more."""
        self._awake.clear()

    def wake(self) -> None:
        """Go on after `freeze`, with what was asked for meanwhile."""
        self._awake.set()

    def dialogue(self, session_id: UUID) -> list[TurnRecord]:
        """The session's turns in order."""
        return sorted(self._turns[session_id].values(), key=lambda turn: turn.index)

    def append_as_worker(self, session_id: UUID, event: NewEvent) -> None:
        """Append to an ended session's log, as the analysis worker does."""
        self._put(self.sessions[session_id], [event])

    async def load(self, session_id: UUID, user_id: UUID) -> SessionRecord | None:
        await self._answer()
        record = self.sessions.get(session_id)
        if record is None or record.user_id != user_id:
            return None
        return replace(record, leased=self._leased(session_id))

    async def claim(self, session_id: UUID, user_id: UUID) -> SessionRecord:
        await self._answer()
        self._stumble()
        record = self.sessions.get(session_id)
        if record is None or record.user_id != user_id or record.status == "ended":
            raise LookupError(str(session_id))
        if self._leased(session_id) and self.leases[session_id][0] != self.owner:
            raise LeaseHeld(str(session_id))
        if record.status == "created":
            own = [one for one in self.sessions.values() if one.user_id == user_id]
            self.quota.check(
                under_way=sum(one.status == "live" for one in own), sent_ms=sum(one.audio_ms for one in own)
            )
        claimed = replace(record, epoch=record.epoch + 1, status="live")
        self.sessions[session_id] = claimed
        self._lease(session_id)
        self.asked_for.pop(session_id, None)
        return claimed

    async def request_handover(self, session_id: UUID, user_id: UUID, client: str | None) -> None:
        await self._answer()
        self.asked_for[session_id] = client

    async def release(self, session: SessionRecord) -> None:
        await self._answer()
        self._stumble()
        stored = self.sessions.get(session.id)
        if stored and stored.epoch == session.epoch and stored.status == "live":
            self.leases[session.id] = (None, self._now())
            self.asked_for.pop(session.id, None)

    async def wanted(self) -> list[Wish]:
        await self._answer()
        return [
            Wish(session_id, client)
            for session_id, client in self.asked_for.items()
            if self.leases[session_id][0] == self.owner
        ]

    async def gone(self, session_ids: Sequence[UUID]) -> list[UUID]:
        """Return which of the sessions do not exist any more."""
        await self._answer()
        return [session_id for session_id in session_ids if session_id not in self.sessions]

    async def abandoned(self, grace_ms: int) -> list[SessionRecord]:
        await self._answer()
        long_ago = self._now() - grace_ms / 1000
        return [
            record
            for record in self.sessions.values()
            if record.status == "live" and self.leases[record.id][1] < long_ago
        ]

    async def turns(self, session_id: UUID, user_id: UUID) -> list[TurnRecord]:
        await self._answer()
        return self.dialogue(session_id)

    async def append(
        self,
        session: SessionRecord,
        events: Sequence[NewEvent],
        *,
        turns: Sequence[TurnRecord] = (),
        checkpoint: Checkpoint | None = None,
    ) -> int:
        await self._answer()
        if not self.lost_answers:
            self._stumble()
        current = self._owned(session)
        for turn in turns:
            self._turns[session.id][turn.id] = turn
        if checkpoint is not None:
            snapshot = checkpoint.snapshot or current.snapshot
            current = replace(current, snapshot=snapshot, audio_ms=max(current.audio_ms, checkpoint.audio_ms))
        self._lease(session.id)
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
        await self._answer()
        if not self.lost_answers:
            self._stumble()
        stored = self._stored(session)
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
        await self._answer()
        assert session_id not in self.sessions or self.sessions[session_id].user_id == user_id
        return [event for event in self.events[session_id] if event.seq > seq][:limit]

    def _put(self, record: SessionRecord, events: Sequence[NewEvent]) -> int:
        first = record.last_seq + 1
        self.events[record.id] += [
            StoredEvent(first + i, event.type, event.payload) for i, event in enumerate(events)
        ]
        self.sessions[record.id] = replace(record, last_seq=record.last_seq + len(events))
        return first

    async def _answer(self) -> None:
        await asyncio.sleep(self.delay_s)
        await self._awake.wait()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _lease(self, session_id: UUID) -> None:
        self.leases[session_id] = (self.owner, self._now() + LEASE_S)

    def _leased(self, session_id: UUID) -> bool:
        return session_id in self.leases and self.leases[session_id][1] > self._now()

    def _stored(self, session: SessionRecord) -> SessionRecord:
        if session.id not in self.sessions:
            raise StaleOwner(f"session {session.id} was erased")
        return self.sessions[session.id]

    def _owned(self, session: SessionRecord) -> SessionRecord:
        stored = self._stored(session)
        if stored.epoch != session.epoch or stored.status != "live":
            raise StaleOwner(f"epoch {session.epoch} of {session.id}")
        return stored

    def _stumble(self) -> None:
        self.writes += 1
        if self._failures > 0:
            self._failures -= 1
            raise StorageUnavailable("the database is away")
