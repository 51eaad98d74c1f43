"""Why something is refused, and how a connection is closed."""

from enum import IntEnum
from typing import Literal


class CloseCode(IntEnum):
    """Why the server closed the socket; docs/protocol.md says which of them a client may reconnect after."""

    ENDED = 1000
    RESTART = 1012
    PROTOCOL = 4400
    AUTH = 4401
    NOT_OWNER = 4403
    UNKNOWN_SESSION = 4404
    SLOW_OR_IDLE = 4408
    SUPERSEDED = 4409
    EXPIRED = 4410
    DRAIN = 4012
    TOO_BIG = 4413
    LIMIT = 4429
    INTERNAL = 4500
    UNAVAILABLE = 4503


ErrorClass = Literal["client", "auth", "limit", "upstream", "server"]
"""Who can mend an error."""


class ProtocolError(Exception):
    """The peer broke the protocol, or asked for what cannot be done now.

    `code` is stable; `fatal` says whether the connection must close, and `close` how; `blame` is who can mend
    it; with `retry_after_ms` the same may work later.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        fatal: bool = False,
        close: CloseCode = CloseCode.PROTOCOL,
        blame: ErrorClass = "client",
        retry_after_ms: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fatal = fatal
        self.close = close
        self.blame: ErrorClass = blame
        self.retry_after_ms = retry_after_ms
