"""Sessions of one process without a database. What they log goes to a file: no server keeps it in memory."""

import os
import tempfile
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from app.services.conversation import Mode, bundled_bank, plan_exam
from app.services.session_store import (
    Checkpoint,
    NewEvent,
    SessionRecord,
    SessionStatus,
    StoredEvent,
    TurnRecord,
    Wish,
)

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class _Row:
    """What differs between sessions; `events` are begin and end of each in the file."""

    user_id: UUID
    events: "array[int]"
    status: SessionStatus = "created"
    epoch: int = 0


class MemorySessions:
    """SessionStore of one process that nobody else writes to; every session is a full exam."""

    def __init__(self) -> None:
        self._rows: dict[UUID, _Row] = {}
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process is
        self._log_size = 0
        self._plan = msgspec.json.encode(plan_exam(bundled_bank(), Mode.FULL, 1))

    def create(self) -> SessionRecord:
        """Add a session of a new user."""
        session_id = uuid4()
        self._rows[session_id] = _Row(uuid4(), array("I"))
        return self._record(session_id)

    async def load(self, session_id: UUID, user_id: UUID) -> SessionRecord | None:
        """Return the session."""
        return self._record(session_id) if session_id in self._rows else None

    async def claim(self, session_id: UUID, user_id: UUID) -> SessionRecord:
        """Begin the session."""
        row = self._rows[session_id]
        row.status, row.epoch = "live", row.epoch + 1
        return self._record(session_id)

    async def request_handover(self, session_id: UUID, user_id: UUID, client: str | None) -> None:
        """Nobody else holds a session."""

    async def release(self, session: SessionRecord) -> None:
        """Nobody else wants it."""

    async def wanted(self) -> list[Wish]:
        """Return nothing: nobody asks."""
        return []

    async def gone(self, session_ids: Sequence[UUID]) -> list[UUID]:
        """Return nothing: nobody is erased."""
        return []

    async def abandoned(self, grace_ms: int) -> list[SessionRecord]:
        """Return nothing: nobody leaves."""
        return []

    async def turns(self, session_id: UUID, user_id: UUID) -> list[TurnRecord]:
        """Return nothing: no session goes on elsewhere."""
        return []

    async def append(
        self,
        session: SessionRecord,
        events: Sequence[NewEvent],
        *,
        turns: Sequence[TurnRecord] = (),
        checkpoint: Checkpoint | None = None,
    ) -> int:
        """Add to the log; the rest is encoded, as for a database, and dropped."""
        if turns or checkpoint is not None:
            msgspec.json.encode((turns, checkpoint))
        row = self._rows[session.id]
        first = len(row.events) // 2 + 1
        for event in events:
            begin = self._log_size
            self._log_size += self._log.write(msgspec.json.encode(event))
            row.events.extend((begin, self._log_size))
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
        """End the session."""
        self._rows[session.id].status = "ended"
        return await self.append(session, events)

    async def events_after(
        self, session_id: UUID, user_id: UUID, seq: int, limit: int = 500
    ) -> list[StoredEvent]:
        """Return the log behind `seq`."""
        places = self._rows[session_id].events[2 * seq : 2 * (seq + limit)]
        self._log.flush()
        found = [self._read(begin, end) for begin, end in zip(places[::2], places[1::2], strict=True)]
        return [StoredEvent(seq + 1 + i, event.type, event.payload) for i, event in enumerate(found)]

    def _record(self, session_id: UUID) -> SessionRecord:
        row = self._rows[session_id]
        return SessionRecord(
            id=session_id,
            user_id=row.user_id,
            mode="full",
            status=row.status,
            clock="standard",
            plan=msgspec.json.decode(self._plan),
            epoch=row.epoch,
            last_seq=0,
            audio_ms=0,
            created_at=EPOCH,
        )

    def _read(self, begin: int, end: int) -> NewEvent:
        return msgspec.json.decode(os.pread(self._log.fileno(), end - begin, begin), type=NewEvent)
