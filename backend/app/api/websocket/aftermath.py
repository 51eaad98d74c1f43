"""After the exam: whoever is there, or comes back, gets the rest of the log and waits for the analysis."""

from typing import assert_never

import structlog

from app.api.websocket import admission
from app.api.websocket.connection import Connection
from app.api.websocket.event_log import EventLog
from app.api.websocket.mailbox import Attached, Detached, LogGrew, Mailbox, Received, StopRequested, Wanted
from app.api.websocket.parts import SessionParts
from app.api.websocket.protocol import (
    AudioConfig,
    AudioFrame,
    CloseCode,
    PlaybackMark,
    ProtocolError,
    SessionEnd,
    SessionResume,
    SessionResumed,
    SessionStart,
    Snapshot,
    TurnNext,
    TurnRetry,
    TurnState,
    WarningEvent,
)
from app.api.websocket.snapshot import of_ended
from app.services.errors import StorageUnavailable
from app.services.session_store import SessionRecord

ANALYSED = "session.analysis_ready"

log = structlog.get_logger()


class Aftermath:
    """An ended session in the process: read-only, and gone with its last connection.

    `received_ms` is how much of the microphone signal is stored, `in_seq` the client's last numbered event.
    """

    def __init__(
        self,
        record: SessionRecord,
        mailbox: Mailbox,
        events: EventLog,
        parts: SessionParts,
        *,
        received_ms: int,
        in_seq: int = 0,
    ) -> None:
        self._record = record
        self._mailbox = mailbox
        self._events = events
        self._parts = parts
        self._received_ms = received_ms
        self._in_seq = in_seq
        self._analysed = False

    async def run(self) -> None:
        """Return when nobody is connected any more, or the process wants to stop."""
        clock, limits = self._parts.clock, self._parts.limits
        late_at_ms = clock.now_ms() + limits.analysis_ms
        look_at_ms = clock.now_ms()
        while self._mailbox.connection is not None and not self._mailbox.stopping:
            if not self._analysed and clock.now_ms() >= look_at_ms:
                await self._look()
                look_at_ms = clock.now_ms() + limits.analysis_poll_ms
            self._dismiss(self._mailbox.connection, late=clock.now_ms() >= late_at_ms)
            await self._mailbox.wait(late_at_ms if self._analysed else look_at_ms)
            if await self._take_mail():
                look_at_ms = clock.now_ms()

    async def _take_mail(self) -> bool:
        """Take what has come in; return whether the log is said to have grown."""
        grown = False
        while (mail := self._mailbox.take()) is not None:
            match mail:
                case Received(connection, item):
                    try:
                        await self._receive(connection, item)
                    except ProtocolError as error:
                        connection.refuse(error, ref=getattr(item, "event_id", None))
                case LogGrew():
                    grown = True
                case Attached() | Detached() | StopRequested() | Wanted():
                    pass
                case _:
                    assert_never(mail)
        return grown

    async def _receive(self, connection: Connection, item: object) -> None:
        match item:
            case SessionStart():
                if connection.joined:
                    raise admission.session_ended()
                await self._join(connection, 0)
            case SessionResume(last_seq=last_seq):
                if connection.joined:
                    raise admission.already_started()
                await self._join(connection, last_seq)
            case AudioFrame() | PlaybackMark() | SessionEnd() | TurnRetry() | TurnNext():
                pass  # said before the client could know that the exam was over
            case AudioConfig():
                admission.configure_audio(connection, item)
            case _:
                raise admission.session_ended()

    async def _join(self, connection: Connection, last_seq: int) -> None:
        snapshot = None
        last_seq = min(last_seq, self._events.last_seq)
        try:
            if (gone_until := await self._events.gone_until(last_seq)) is not None:
                last_seq = gone_until
                snapshot = await self._snapshot(last_seq)
        except StorageUnavailable:
            raise admission.storage_unavailable() from None
        connection.send(
            SessionResumed(
                session_id=str(self._record.id),
                in_seq=self._in_seq,
                received_ms=self._received_ms,
                replay_count=self._events.last_seq - last_seq,
                continuity=snapshot is None,
                phase="ended",
                epoch=self._record.epoch,
                snapshot=snapshot,
            )
        )
        connection.join(self._events, last_seq)
        connection.offer("turn", TurnState(state="ended"), after_seq=self._events.last_seq)

    async def _snapshot(self, last_seq: int) -> Snapshot:
        store, record = self._parts.store, self._record
        turns = await store.turns(record.id, record.user_id)
        return of_ended(await store.load(record.id, record.user_id) or record, turns, last_seq=last_seq)

    def _dismiss(self, connection: Connection | None, *, late: bool) -> None:
        """Close a connection that has, or will get, all there is."""
        if connection is None or connection.closing is not None:
            return
        if late and not self._analysed:
            connection.send(
                WarningEvent(
                    code="analysis_late",
                    message="The analysis takes longer than this connection; ask for it over REST.",
                )
            )
        if late or (self._analysed and connection.joined):
            connection.close(
                CloseCode.ENDED,
                "The session is over.",
                after_seq=self._events.last_seq if connection.joined else 0,
            )

    async def _look(self) -> None:
        try:
            await self._events.refresh(self._record.last_seq)
        except StorageUnavailable as unavailable:
            log.warning("session.log_unreadable", reason=str(unavailable))
        self._analysed = self._events.has(ANALYSED)
