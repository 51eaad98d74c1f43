"""The live sessions of one process: found by connections, told by workers, ended with the process."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Self, assert_never
from uuid import UUID

import structlog

from app.api.websocket import admission
from app.api.websocket.aftermath import Aftermath
from app.api.websocket.event_log import EventLog
from app.api.websocket.live_session import LiveSession
from app.api.websocket.lobby import Start, started
from app.api.websocket.mailbox import Mailbox
from app.api.websocket.parts import SessionParts
from app.api.websocket.protocol import ProtocolError
from app.api.websocket.sound import VoiceCache
from app.api.websocket.takeover import claimed, inherited
from app.services import tracing
from app.services.errors import StorageUnavailable
from app.services.session_notices import Change, Notice
from app.services.session_store import LeaseHeld, SessionRecord, StaleOwner

WEIGH_MS = 1_000

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
        self._erased: set[UUID] = set()
        self._chores: list[asyncio.Task[None]] = []
        self._closing = False
        self._look = asyncio.Event()
        self._voices = VoiceCache(parts.voice, self._tasks, max_bytes=parts.limits.voice_cache_bytes)

    @property
    def live(self) -> int:
        """Sessions held at the moment."""
        return len(self._mailboxes)

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        self._parts.notices.listen(self._heard)
        self._chores = [
            self._tasks.create_task(self._hand_over(), name="sessions.hand_over"),
            self._tasks.create_task(self._sweep(), name="sessions.sweep"),
            self._tasks.create_task(self._weigh(), name="sessions.weigh"),
            self._tasks.create_task(self._expel_erased(), name="sessions.expel_erased"),
        ]
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

    def _heard(self, notice: Notice) -> None:
        match notice.change:
            case Change.LOG_GREW:
                self.notify(notice.session_id)
            case Change.WANTED:
                self._look.set()
            case Change.ERASED:
                self._expel(notice.session_id)
            case Change.ENDED | Change.JOB_QUEUED:
                pass
            case _:
                assert_never(notice.change)

    async def close(self) -> None:
        """Let every session go, with all that was said stored, so that it goes on in another process.

        Clients are told to come back. Takes at most the limits' `shutdown_ms`. Idempotent.
        """
        self._closing = True
        for chore in self._chores:
            chore.cancel()
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
        mailbox = self._mailboxes[record.id] = self._mailbox(record)
        self._held[record.id] = self._tasks.create_task(
            self._keep(record.slim(), mailbox), name=f"session.{record.id}"
        )
        return mailbox

    def _mailbox(self, record: SessionRecord) -> Mailbox:
        limits = self._parts.limits
        return Mailbox(record.id, record.user_id, self._parts.clock, max_bytes=limits.inbox_bytes)

    async def _keep(self, record: SessionRecord, mailbox: Mailbox) -> None:
        # The first connection's context, its request above all, is not that of the session.
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(session_id=str(record.id), user_id=str(record.user_id))
        farewell: ProtocolError | None = None
        try:
            with tracing.span("session", attributes={"session.id": str(record.id)}):
                farewell = await self._serve(record, mailbox)
        except* StaleOwner:
            farewell = await self._lost(record.id)
        except* ProtocolError as refused:
            farewell = first_of(refused)
        except* LookupError:
            farewell = await self._lost(record.id)
        except* Exception:
            log.exception("session.failed")
            farewell = admission.internal()
        finally:
            del self._mailboxes[record.id]
            del self._held[record.id]
            mailbox.close(admission.account_erased() if record.id in self._erased else farewell)
            self._erased.discard(record.id)

    async def _serve(self, record: SessionRecord, mailbox: Mailbox) -> ProtocolError | None:
        """Take a session through what is left of its life here; return what a client is told who is there."""
        if record.status == "ended":
            events = self._events(record, last_seq=0)
            await Aftermath(record, mailbox, events, self._parts, received_ms=record.audio_ms).run()
            return None
        start = None
        if record.status == "live":
            live = await self._taken_over(record, mailbox)
        else:
            start = await started(mailbox, self._parts)
            if start is None:
                return None
            events = self._events(start.record.slim())
            live = LiveSession(start.record, mailbox, self._parts, self._voices, events)
            start = replace(start, record=live.record)
        await self._hold_exam(live, start, mailbox)
        if live.released:
            return None
        await Aftermath(
            live.record, mailbox, live.events, self._parts, received_ms=live.stored_ms, in_seq=live.in_seq
        ).run()
        return None

    async def _hold_exam(self, live: LiveSession, start: Start | None, mailbox: Mailbox) -> None:
        try:
            if live.resumable:
                await live.run(start)
            else:
                await live.conclude("interrupted")
        except* StaleOwner:
            raise
        except* Exception:
            log.exception("session.exam_failed")
            if mailbox.connection is not None:
                mailbox.connection.refuse(admission.internal())
            await live.conclude("failed")

    async def _taken_over(self, record: SessionRecord, mailbox: Mailbox) -> LiveSession:
        """Take over a session that another process has let go or left; one that cannot go on is ended."""
        taken = await claimed(mailbox, self._parts)
        inheritance = await inherited(taken, self._parts)
        events = self._events(taken.slim())
        return LiveSession(taken, mailbox, self._parts, self._voices, events, inheritance=inheritance)

    async def _hand_over(self) -> None:
        """Let sessions go that another process asks for, while the process runs."""
        clock = self._parts.clock
        looked_at_ms = clock.now_ms()
        while True:
            await self._look_due()
            not_asked_at_ms, looked_at_ms = looked_at_ms, clock.now_ms()
            if not self._mailboxes:
                continue
            try:
                wanted = await self._parts.store.wanted()
            except StorageUnavailable as unavailable:
                log.warning("session.handovers_unknown", reason=str(unavailable))
                looked_at_ms = not_asked_at_ms
                continue
            for wish in wanted:
                if (mailbox := self._mailboxes.get(wish.session_id)) is not None:
                    mailbox.hand_over(wish.client, not_asked_at_ms)

    async def _sweep(self) -> None:
        """End sessions that nobody came back to, while the process runs: what was said is analysed."""
        limits = self._parts.limits
        while True:
            await self._pause(limits.sweep_ms)
            if not self._parts.ready():
                continue
            try:
                for record in await self._parts.store.abandoned(limits.grace_ms):
                    if record.id not in self._mailboxes:
                        await self._end_abandoned(record)
            except StorageUnavailable as unavailable:
                log.warning("session.sweep_failed", reason=str(unavailable))

    async def _end_abandoned(self, record: SessionRecord) -> None:
        mailbox = self._mailbox(record)
        try:
            taken = await self._parts.store.claim(record.id, record.user_id)
            inheritance = await inherited(taken, self._parts)
            live = LiveSession(
                taken, mailbox, self._parts, self._voices, self._events(taken), inheritance=inheritance
            )
            await live.conclude("disconnected")
        except (LeaseHeld, LookupError, StaleOwner):
            return
        except Exception:
            log.exception("session.not_swept", session_id=str(record.id))

    async def _lost(self, session_id: UUID) -> ProtocolError:
        """Return what the client of a session is told that could not be written any more."""
        with suppress(StorageUnavailable):
            if await self._parts.store.gone([session_id]):
                return admission.account_erased()
        log.warning("session.owned_elsewhere")
        return admission.moved()

    def _expel(self, session_id: UUID) -> None:
        """End a session whose account was erased, at once and without storing anything."""
        if (task := self._held.get(session_id)) is not None:
            self._erased.add(session_id)
            task.cancel()

    async def _expel_erased(self) -> None:
        """Look for sessions held here that another process has erased, while the process runs."""
        while True:
            await self._pause(self._parts.limits.erased_poll_ms)
            if not self._held:
                continue
            try:
                for session_id in await self._parts.store.gone(list(self._held)):
                    self._expel(session_id)
            except StorageUnavailable as unavailable:
                log.warning("session.erasures_unknown", reason=str(unavailable))

    async def _weigh(self) -> None:
        """Say how much waits in the queues, while the process runs."""
        while True:
            await self._pause(WEIGH_MS)
            mailboxes = self._mailboxes.values()
            connections = [mailbox.connection for mailbox in mailboxes if mailbox.connection is not None]
            self._parts.meter.queued(
                inbound=sum(mailbox.waiting_bytes for mailbox in mailboxes),
                outbound=sum(connection.queued_bytes for connection in connections),
            )

    async def _look_due(self) -> None:
        """Return when it is time to look who asks for a session: somebody just has, or nobody for a while."""
        clock = self._parts.clock
        timer = clock.call_at(clock.now_ms() + self._parts.limits.handover_poll_ms, self._look.set)
        try:
            await self._look.wait()
        finally:
            timer.cancel()
        self._look.clear()

    async def _pause(self, ms: int) -> None:
        await self._parts.clock.sleep_until(self._parts.clock.now_ms() + ms)

    def _events(self, record: SessionRecord, *, last_seq: int | None = None) -> EventLog:
        return EventLog(
            partial(self._parts.store.events_after, record.id, record.user_id),
            last_seq=record.last_seq if last_seq is None else last_seq,
            tail_bytes=self._parts.limits.log_tail_bytes,
        )


def first_of(group: BaseExceptionGroup[ProtocolError]) -> ProtocolError:
    """Return the first refusal of a group, however deep it lies."""
    first = group.exceptions[0]
    return first_of(first) if isinstance(first, BaseExceptionGroup) else first
