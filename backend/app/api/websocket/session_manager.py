"""The live sessions of one process: found by connections, told by workers, ended with the process."""

import asyncio
from types import TracebackType
from typing import Self
from uuid import UUID

import structlog

from app.api.websocket import admission
from app.api.websocket.aftermath import Aftermath
from app.api.websocket.event_log import EventLog
from app.api.websocket.live_session import LiveSession
from app.api.websocket.lobby import Start, started
from app.api.websocket.mailbox import Mailbox
from app.api.websocket.parts import SessionParts
from app.api.websocket.sound import VoiceCache
from app.services.errors import StorageUnavailable
from app.services.session_store import SessionRecord, StaleOwner, StoredEvent
from app.services.speech import AudioArchive

log = structlog.get_logger()


class SessionManager:
    """An async context manager that owns every session's task.

    A session is held from its first connection until it has ended and its last connection is gone.
    """

    def __init__(self, parts: SessionParts) -> None:
        self._parts = parts
        self._mailboxes: dict[UUID, Mailbox] = {}
        self._held: dict[UUID, asyncio.Task[None]] = {}
        self._tasks = asyncio.TaskGroup()
        self._closing = False
        self._voices = VoiceCache(parts.voice, self._tasks, max_bytes=parts.limits.voice_cache_bytes)

    @property
    def live(self) -> int:
        """Sessions held at the moment."""
        return len(self._mailboxes)

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
        await self._tasks.__aexit__(kind, error, trace)

    async def open(self, session_id: UUID, user_id: UUID) -> Mailbox:
        """Return where the user's session is reached; its task runs from now on.

        Raises ProtocolError (fatal): `unknown_session` for what is not there or is somebody else's,
        `at_capacity`, `server_stopping`, `storage_unavailable`.
        """
        if self._closing:
            raise admission.stopping()
        mailbox = self._mailboxes.get(session_id)
        if mailbox is None:
            record = await self._load(session_id, user_id)
            mailbox = self._mailboxes.get(session_id) or self._hold(record)
        if mailbox.user_id != user_id:
            raise admission.unknown_session()
        return mailbox

    def notify(self, session_id: UUID) -> None:
        """Say that the session's stored log has grown, e.g. by its analysis; unknown sessions are ignored."""
        if (mailbox := self._mailboxes.get(session_id)) is not None:
            mailbox.notify()

    async def close(self) -> None:
        """End every session and store what was said. Takes at most the limits' `shutdown_ms`. Idempotent."""
        self._closing = True
        for mailbox in self._mailboxes.values():
            mailbox.stop()
        if self._held:
            _, late = await asyncio.wait(self._held.values(), timeout=self._parts.limits.shutdown_ms / 1000)
            for task in late:
                log.error("session.not_ended_in_time", task=task.get_name())
                task.cancel()

    async def _load(self, session_id: UUID, user_id: UUID) -> SessionRecord:
        try:
            record = await self._parts.store.load(session_id, user_id)
        except StorageUnavailable as unavailable:
            raise admission.storage_unavailable() from unavailable
        if record is None:
            raise admission.unknown_session()
        return record

    def _hold(self, record: SessionRecord) -> Mailbox:
        if self._closing:
            raise admission.stopping()
        if len(self._mailboxes) >= self._parts.limits.sessions:
            raise admission.at_capacity()
        mailbox = Mailbox(
            record.id, record.user_id, self._parts.clock, max_bytes=self._parts.limits.inbox_bytes
        )
        self._mailboxes[record.id] = mailbox
        self._held[record.id] = self._tasks.create_task(
            self._keep(record, mailbox), name=f"session.{record.id}"
        )
        return mailbox

    async def _keep(self, record: SessionRecord, mailbox: Mailbox) -> None:
        structlog.contextvars.bind_contextvars(session_id=str(record.id))
        farewell = None
        try:
            await self._serve(record, mailbox)
        except* StaleOwner:
            log.warning("session.owned_elsewhere")
            farewell = admission.superseded()
        except* Exception:
            log.exception("session.failed")
            farewell = admission.internal()
        finally:
            del self._mailboxes[record.id]
            del self._held[record.id]
            mailbox.close(farewell)

    async def _serve(self, record: SessionRecord, mailbox: Mailbox) -> None:
        """Take a session through what is left of its life."""
        if record.status == "ended":
            events = self._events(record, last_seq=0)
            await Aftermath(record, mailbox, events, self._parts, received_ms=record.audio_ms).run()
            return
        if record.status == "live":
            live = await self._abandoned(record, mailbox)
            await live.conclude("interrupted")
        else:
            start = await started(mailbox, self._parts)
            if start is None:
                return
            record = start.record
            live = LiveSession(record, mailbox, self._parts, self._voices, self._events(record))
            await self._hold_exam(live, start, mailbox)
        await Aftermath(
            live.record, mailbox, live.events, self._parts, received_ms=live.stored_ms, in_seq=live.in_seq
        ).run()

    async def _hold_exam(self, live: LiveSession, start: Start, mailbox: Mailbox) -> None:
        try:
            await live.run(start)
        except* StaleOwner:
            raise
        except* Exception:
            log.exception("session.exam_failed")
            if mailbox.connection is not None:
                mailbox.connection.refuse(admission.internal())
            await live.conclude("failed")

    async def _abandoned(self, record: SessionRecord, mailbox: Mailbox) -> LiveSession:
        """Take over a session whose process is gone; what was stored of it is all there is."""
        stored_ms = await AudioArchive(self._parts.blobs).stored_ms(record.id)
        taken = await self._parts.store.claim(record.id, record.user_id)
        return LiveSession(
            taken, mailbox, self._parts, self._voices, self._events(taken), stored_ms=stored_ms
        )

    def _events(self, record: SessionRecord, *, last_seq: int | None = None) -> EventLog:
        async def read(seq: int, limit: int) -> list[StoredEvent]:
            return await self._parts.store.events_after(record.id, record.user_id, seq, limit)

        return EventLog(
            read,
            last_seq=record.last_seq if last_seq is None else last_seq,
            tail_bytes=self._parts.limits.log_tail_bytes,
        )
