"""How a client comes into a session: its microphone's format, and what it is told when it is too early."""

import secrets

from app.api.websocket.connection import Connection
from app.api.websocket.protocol import AudioConfig, CloseCode, ProtocolError
from app.services.speech import SAMPLE_RATE

STOPPING_JITTER_MS = 2_000


def configure_audio(connection: Connection, config: AudioConfig) -> None:
    """Accept the microphone's format. Raises ProtocolError `unsupported_audio`."""
    if (config.encoding, config.sample_rate, config.channels) != ("pcm_s16le", SAMPLE_RATE, 1):
        raise ProtocolError(
            "unsupported_audio",
            f"Send pcm_s16le, {SAMPLE_RATE} Hz, 1 channel; not {config.encoding[:40]}, {config.sample_rate} "
            f"Hz, {config.channels}.",
        )
    connection.audio_configured = True


def audio_too_early() -> ProtocolError:
    """Audio came before it can belong to anything."""
    return ProtocolError(
        "audio_before_start",
        "Send audio.config and session.start (or session.resume) first; audio sent before them is not kept.",
    )


def not_started() -> ProtocolError:
    """The exam has not begun."""
    return ProtocolError("not_started", "The exam has not begun; send session.start.")


def already_started() -> ProtocolError:
    """The client has joined the session on this connection before."""
    return ProtocolError("already_started", "The exam is under way on this connection; nothing was changed.")


def session_ended() -> ProtocolError:
    """The exam is over."""
    return ProtocolError("session_ended", "The exam is over; nothing was changed.")


def not_joined() -> ProtocolError:
    """The exam is under way, but this connection has no part in it yet."""
    return ProtocolError("not_joined", "Send session.resume first; the exam is under way.")


def seq_gap(expected: int, came: int) -> ProtocolError:
    """Numbered events of the client are missing."""
    return ProtocolError(
        "seq_gap",
        f"Event {expected} was expected, {came} came. Connect again, resume, and send every numbered event "
        "after in_seq once more, in order.",
        fatal=True,
    )


def bad_resume(last_seq: int) -> ProtocolError:
    """The client claims to have what this session never sent."""
    return ProtocolError(
        "bad_resume", f"Resume this session with a last_seq of at most {last_seq}, or start it again."
    )


def unknown_session() -> ProtocolError:
    """There is no such session, or it is somebody else's: the two look the same from outside."""
    return ProtocolError(
        "unknown_session",
        "There is no such session for this user; create one with POST /api/v1/sessions.",
        fatal=True,
        close=CloseCode.UNKNOWN_SESSION,
    )


def account_erased() -> ProtocolError:
    """The account of the token, or of the session, is gone."""
    return ProtocolError(
        "user_unknown",
        "The account of this token does not exist any more; sign in again.",
        fatal=True,
        close=CloseCode.AUTH,
        blame="auth",
    )


def superseded(*, by_itself: bool) -> ProtocolError:
    """The session is used over another connection now, here or in another process: of another client, or of
    this one, which may have lost it on the way here."""
    if by_itself:
        message = "A connection that this client opened came in behind this one; connect again."
    else:
        message = "The session was opened by another client; this connection is closed."
    return ProtocolError(
        "superseded",
        message,
        fatal=True,
        close=CloseCode.SUPERSEDED,
        retry_after_ms=0 if by_itself else None,
    )


def bad_client() -> ProtocolError:
    """The address names the client in characters that a name has not."""
    return ProtocolError(
        "bad_client",
        "`client` in the address is a name of your own making, 1-64 of A-Z a-z 0-9 _ . : -; "
        "connect with such a one, or without.",
        fatal=True,
        close=CloseCode.PROTOCOL,
    )


def moved() -> ProtocolError:
    """The session is not held in this process any more."""
    return ProtocolError(
        "session_moved",
        "The session goes on in another server process; connect again and resume it.",
        fatal=True,
        close=CloseCode.UNAVAILABLE,
        blame="server",
        retry_after_ms=500,
    )


def held_elsewhere() -> ProtocolError:
    """Another process holds the session and does not let it go."""
    return ProtocolError(
        "session_busy",
        "The session is still held by another server; connect again shortly.",
        fatal=True,
        close=CloseCode.UNAVAILABLE,
        blame="server",
        retry_after_ms=2_000,
    )


def stopping() -> ProtocolError:
    """The process ends. Those it sends away together come back spread over two seconds."""
    return ProtocolError(
        "server_stopping",
        "The server is stopping; what was said is kept. Connect again.",
        fatal=True,
        close=CloseCode.DRAIN,
        blame="server",
        retry_after_ms=secrets.randbelow(STOPPING_JITTER_MS + 1),
    )


def at_capacity() -> ProtocolError:
    """No more sessions can be held here."""
    return ProtocolError(
        "at_capacity",
        "All places are taken; try again shortly.",
        fatal=True,
        close=CloseCode.UNAVAILABLE,
        blame="limit",
        retry_after_ms=5_000,
    )


def _over_limit(code: str, message: str, *, retry_after_ms: int | None = None) -> ProtocolError:
    return ProtocolError(
        code, message, fatal=True, close=CloseCode.LIMIT, blame="limit", retry_after_ms=retry_after_ms
    )


def too_many_connections(at_most: int) -> ProtocolError:
    """The user has more connections than one learner needs."""
    return _over_limit(
        "too_many_connections",
        f"You have {at_most} connections open, as many as are allowed; close one and connect again.",
        retry_after_ms=5_000,
    )


def too_many_exams(at_most: int) -> ProtocolError:
    """The user has as many exams under way, in all processes, as they may."""
    return _over_limit(
        "too_many_exams",
        f"You have {at_most} exams under way, as many as are allowed; end one, or wait until those you have "
        "left are closed, and start this one again.",
        retry_after_ms=15_000,
    )


def daily_minutes_used(minutes: int) -> ProtocolError:
    """The user has spoken for as long as they may in a day."""
    return _over_limit(
        "daily_minutes_used",
        f"You have practised {minutes} minutes in the last 24 hours, as many as are allowed; this session "
        "stays as it is, so start it later.",
    )


def storage_unavailable() -> ProtocolError:
    """The session cannot be read."""
    return ProtocolError(
        "storage_unavailable",
        "Sessions cannot be read at the moment; connect again shortly.",
        fatal=True,
        close=CloseCode.UNAVAILABLE,
        blame="server",
        retry_after_ms=2_000,
    )


def internal() -> ProtocolError:
    """Something broke."""
    return ProtocolError(
        "internal",
        "Something went wrong on our side; what was said is kept. Connect again.",
        fatal=True,
        close=CloseCode.INTERNAL,
        blame="server",
        retry_after_ms=1_000,
    )
