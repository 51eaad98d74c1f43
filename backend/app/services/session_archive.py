"""Sessions as their learner looks at them, outside the live exam."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from app.services.conversation.timing import ClockName
from app.services.job_queue import JobStatus
from app.services.session_store import SessionMode, SessionRecord, SessionStatus, TurnRecord


@dataclass(frozen=True, slots=True)
class SessionOverview:
    """A session in a list. `analysis_status` is None until the session has ended; `overall_band` and its
    range until it is analysed, or when there was too little speech for a band."""

    id: UUID
    mode: SessionMode
    status: SessionStatus
    clock: ClockName
    audio_ms: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    analysis_status: JobStatus | None
    overall_band: float | None
    audio_deleted_at: datetime | None = None
    band_low: float | None = None
    band_high: float | None = None
    method_version: str | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the list of sessions, newest first: the last one already seen."""

    created_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class SessionPage:
    """Part of the list; `following` is where to go on, None at its end."""

    items: Sequence[SessionOverview]
    following: Position | None


@dataclass(frozen=True, slots=True)
class SessionDetail:
    """A session with everything that was said in it."""

    session: SessionRecord
    turns: Sequence[TurnRecord]
    analysis_status: JobStatus | None


class SessionArchive(Protocol):
    """The sessions of one learner; what belongs to others does not exist."""

    async def create(
        self, user_id: UUID, *, mode: SessionMode, clock: ClockName, plan: dict[str, Any]
    ) -> SessionRecord:
        """Store a session that has not begun. Raises accounts.UnknownUser."""
        ...

    async def page(self, user_id: UUID, *, limit: int, after: Position | None = None) -> SessionPage:
        """Return up to `limit` sessions, newest first, that come after the position."""
        ...

    async def get(self, user_id: UUID, session_id: UUID) -> SessionRecord | None:
        """Return the session, or None."""
        ...

    async def detail(self, user_id: UUID, session_id: UUID) -> SessionDetail | None:
        """Return the session with its turns in order, or None."""
        ...

    async def earlier_plans(self, user_id: UUID, *, limit: int = 10) -> list[dict[str, Any]]:
        """Return the exam plans of the learner's latest sessions that had begun, newest first."""
        ...
