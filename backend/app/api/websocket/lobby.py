"""Before the exam: a session whose client has connected and not yet started it."""

from dataclasses import dataclass
from typing import assert_never

from app.api.websocket import admission
from app.api.websocket.connection import Connection
from app.api.websocket.mailbox import (
    Attached,
    Detached,
    Incoming,
    LogGrew,
    Mailbox,
    Received,
    StopRequested,
    Wanted,
)
from app.api.websocket.parts import SessionParts
from app.api.websocket.protocol import (
    AudioCommit,
    AudioConfig,
    AudioFrame,
    CloseCode,
    ProtocolError,
    SessionStart,
)
from app.services.errors import StorageUnavailable
from app.services.exam_quota import DailyMinutesUsed, TooManyExams
from app.services.session_store import SessionRecord


@dataclass(frozen=True, slots=True)
class Start:
    """A session that was claimed for the client that started it."""

    record: SessionRecord
    connection: Connection
    in_seq: int
    display_name: str | None = None


async def started(mailbox: Mailbox, parts: SessionParts) -> Start | None:
    """Return once a client has started the exam; None when the clients have gone."""
    idle_at_ms = parts.clock.now_ms() + parts.limits.idle_ms
    while True:
        await mailbox.wait(idle_at_ms)
        while (mail := mailbox.take()) is not None:
            match mail:
                case Received(connection, item):
                    try:
                        if isinstance(item, SessionStart):
                            record = await _claim(mailbox, parts)
                            return Start(record, connection, item.seq or 0, item.display_name)
                        _receive(connection, item)
                    except ProtocolError as error:
                        _refuse(connection, item, error)
                case Detached() | StopRequested():
                    return None
                case Attached() | LogGrew() | Wanted():
                    pass
                case _:
                    assert_never(mail)
        if parts.clock.now_ms() >= idle_at_ms and mailbox.connection is not None:
            mailbox.connection.refuse(_idle())
            return None


def _receive(connection: Connection, item: Incoming) -> None:
    match item:
        case AudioConfig():
            admission.configure_audio(connection, item)
        case AudioFrame() | AudioCommit():
            raise admission.audio_too_early()
        case _:
            raise admission.not_started()


async def _claim(mailbox: Mailbox, parts: SessionParts) -> SessionRecord:
    if not parts.ready():
        raise _later("not_ready", "The speech models are still loading; send session.start again shortly.")
    try:
        return await parts.store.claim(mailbox.id, mailbox.user_id)
    except StorageUnavailable as unavailable:
        raise _later("storage_unavailable", "The exam cannot be stored now; start it again.") from unavailable
    except TooManyExams as full:
        raise admission.too_many_exams(full.at_most) from full
    except DailyMinutesUsed as used:
        raise admission.daily_minutes_used(used.minutes) from used
    except LookupError:
        raise admission.moved() from None


def _refuse(connection: Connection, item: Incoming, error: ProtocolError) -> None:
    if isinstance(item, AudioFrame):
        connection.refuse_once(error)
    else:
        connection.refuse(error, ref=getattr(item, "event_id", None))


def _later(code: str, message: str) -> ProtocolError:
    return ProtocolError(code, message, blame="server", retry_after_ms=2_000)


def _idle() -> ProtocolError:
    return ProtocolError(
        "idle",
        "Nothing was started; connect again when the learner is ready.",
        fatal=True,
        close=CloseCode.SLOW_OR_IDLE,
        retry_after_ms=0,
    )
