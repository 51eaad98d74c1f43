"""What a live session keeps in the database, and the port it keeps it through.

Every write names the `epoch` the writer claimed the session with; a writer whose epoch is no longer current
is refused with StaleOwner, so that a process that lost a session cannot touch it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from app.services.conversation.timing import ClockName

SessionMode = Literal["full", "part1", "part2", "part3", "quick", "practice"]
SessionStatus = Literal["created", "live", "ended"]


class StaleOwner(Exception):
    """Another process has claimed the session since."""


class LeaseHeld(Exception):
    """Another process holds the session and is alive."""


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session as stored.

    `plan` is the exam's own JSON, `snapshot` the live session's; `audio_ms` is the microphone position up to
    which audio is stored, 0 once it was removed at `audio_deleted_at`; `leased` says whether a process held
    the session when the record was read.
    """

    id: UUID
    user_id: UUID
    mode: SessionMode
    status: SessionStatus
    clock: ClockName
    plan: dict[str, Any]
    epoch: int
    last_seq: int
    audio_ms: int
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None
    snapshot: dict[str, Any] | None = None
    summary: dict[str, Any] | None = None
    leased: bool = False
    audio_deleted_at: datetime | None = None

    def slim(self) -> "SessionRecord":
        """Return the record without its plan and snapshot, which are most of it, to be held for long."""
        return replace(self, plan={}, snapshot=None)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """A durable server event before it has a number; `payload` is the event as sent, without `seq`."""

    type: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A durable server event with its number in the session's log."""

    seq: int
    type: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One contribution to the dialogue: a line of the examiner, or a learner's whole answer.

    Times are milliseconds from the session's first microphone sample. `words` and `spans` are the JSON of
    speech.Word and speech.SpeechSpan; `analysis` is the JSON of what was computed during the talk.
    `untranscribed` says that the answer, or a part of it, was not recognised.
    """

    id: UUID
    index: int
    speaker: Literal["examiner", "learner"]
    part: int | None
    text: str
    start_ms: int
    end_ms: int
    kind: str | None = None
    question_id: str | None = None
    frame_conformance: str | None = None
    words: list[dict[str, Any]] = field(default_factory=list)
    spans: list[dict[str, Any]] = field(default_factory=list)
    analysis: dict[str, Any] | None = None
    untranscribed: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """A session that another process asks for, and the name of the client it asks for, if it has one."""

    session_id: UUID
    client: str | None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where the exam stands, so that another process could go on."""

    audio_ms: int
    snapshot: dict[str, Any] | None = None


class SessionStore(Protocol):
    """The database of live sessions, seen as the session's owner, by one process.

    A process that claims a session holds it under a lease, which each of its writes renews.
    """

    async def load(self, session_id: UUID, user_id: UUID) -> SessionRecord | None:
        """Return the user's session, or None where there is none of that id that the user may see."""
        ...

    async def claim(self, session_id: UUID, user_id: UUID) -> SessionRecord:
        """Take the session over: its epoch goes up by one and its status from `created` to `live`.

        Raises LookupError when the session is not the user's or has ended, LeaseHeld while another process
        holds it, QuotaReached when it would begin and may not.
        """
        ...

    async def request_handover(self, session_id: UUID, user_id: UUID, client: str | None) -> None:
        """Ask the process that holds the session to let it go, for a client of this name."""
        ...

    async def release(self, session: SessionRecord) -> None:
        """Let the session go, for any process to claim; nothing happens when it is not held any more."""
        ...

    async def wanted(self) -> list[Wish]:
        """Return what other processes ask of this one."""
        ...

    async def gone(self, session_ids: Sequence[UUID]) -> list[UUID]:
        """Return which of the sessions do not exist any more."""
        ...

    async def abandoned(self, grace_ms: int) -> list[SessionRecord]:
        """Return some live sessions, the oldest first, that nobody has held for more than `grace_ms`."""
        ...

    async def turns(self, session_id: UUID, user_id: UUID) -> list[TurnRecord]:
        """Return the session's turns in order."""
        ...

    async def append(
        self,
        session: SessionRecord,
        events: Sequence[NewEvent],
        *,
        turns: Sequence[TurnRecord] = (),
        checkpoint: Checkpoint | None = None,
    ) -> int:
        """Write events, turns and the checkpoint in one transaction; return the `seq` of the first event.

        A turn that is already stored (same id) is replaced. Raises StaleOwner.
        """
        ...

    async def finish(
        self,
        session: SessionRecord,
        events: Sequence[NewEvent],
        *,
        reason: str,
        summary: dict[str, Any],
        audio_ms: int,
    ) -> int:
        """End the session and queue its analysis in one transaction; return the `seq` of the first event.

        Ending a session twice changes nothing and raises nothing. Raises StaleOwner.
        """
        ...

    async def events_after(
        self, session_id: UUID, user_id: UUID, seq: int, limit: int = 500
    ) -> list[StoredEvent]:
        """Return the stored events whose number is greater than `seq`, in order."""
        ...
