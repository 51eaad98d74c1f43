"""Taking over a live session that another process has let go, or left behind when it died."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from app.api.websocket import admission
from app.api.websocket.live_state import LiveState, StateInvalid
from app.api.websocket.mailbox import Mailbox
from app.api.websocket.parts import SessionParts
from app.services.conversation import Exam, ExamPlan
from app.services.errors import StorageUnavailable
from app.services.session_notices import Change
from app.services.session_store import LeaseHeld, SessionRecord, TurnRecord
from app.services.speech import BYTES_PER_MS, AudioArchive, AudioNotStored

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Inheritance:
    """What a session goes on from.

    `stored_ms` of the microphone signal are stored; `unheard` is the end of it, which is heard once more.
    Without `state` and `exam` the session cannot go on, only end.
    """

    record: SessionRecord
    state: LiveState | None
    exam: Exam | None
    turns: Sequence[TurnRecord]
    stored_ms: int
    unheard: bytes

    @property
    def from_ms(self) -> int:
        """The microphone position at which `unheard` begins."""
        return self.stored_ms - len(self.unheard) // BYTES_PER_MS


async def claimed(mailbox: Mailbox, parts: SessionParts) -> SessionRecord:
    """Claim a live session, asking the process that holds it, if one does, to let it go.

    Raises ProtocolError (fatal): 4503 when it does not within `takeover_ms` or the client has gone again,
    4012 as soon as this process is to stop. Raises LookupError when the session has ended.
    """
    clock, limits = parts.clock, parts.limits
    give_up_ms = clock.now_ms() + limits.takeover_ms
    while not mailbox.stopping:
        try:
            return await parts.store.claim(mailbox.id, mailbox.user_id)
        except LeaseHeld:
            if clock.now_ms() >= give_up_ms:
                raise admission.held_elsewhere() from None
            if mailbox.connection is None:
                raise admission.moved() from None
            await parts.store.request_handover(mailbox.id, mailbox.user_id, mailbox.connection.client)
            parts.notices.publish(Change.WANTED, mailbox.id)
        except StorageUnavailable as unavailable:
            raise admission.storage_unavailable() from unavailable
        await clock.sleep_until(clock.now_ms() + limits.handover_poll_ms)
    raise admission.stopping()


async def inherited(record: SessionRecord, parts: SessionParts) -> Inheritance:
    """Collect what is stored of a claimed session. Raises StorageUnavailable."""
    archive = AudioArchive(parts.blobs)
    stored_ms = await archive.stored_ms(record.id)
    turns = await parts.store.turns(record.id, record.user_id)
    state = exam = None
    try:
        state = LiveState.from_json(record.snapshot or {})
        exam = Exam.restore(state.exam, ExamPlan.from_dict(record.plan), parts.clock.now_ms())
    except (StateInvalid, ValueError) as invalid:
        log.warning("session.not_resumable", session_id=str(record.id), reason=str(invalid))
        return Inheritance(record, None, None, turns, stored_ms, b"")
    from_ms = state.heard_until_ms(stored_ms)
    unheard = await _read(archive, record.id, max(0, min(from_ms, stored_ms)), stored_ms)
    return Inheritance(record, state, exam, turns, stored_ms, unheard)


async def _read(archive: AudioArchive, session_id: UUID, start_ms: int, end_ms: int) -> bytes:
    try:
        return await archive.read_pcm(session_id, start_ms, end_ms)
    except AudioNotStored as missing:
        log.warning("session.audio_missing", session_id=str(session_id), missing_ms=missing.missing_ms)
        return b""
