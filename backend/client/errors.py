"""What can stop a client."""


class ClientError(Exception):
    """Something went wrong between this client and the server."""


class ServerUnreachable(ClientError):
    """No server answered at the address."""


class SessionRefused(ClientError):
    """The server said no.

    `code` is the stable code of the problem document, the socket error or the close code; `message` says what
    to do; `retryable` is the server's own word on trying the same again.
    """

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(f"{message} [{code}]")
        self.code = code
        self.message = message
        self.retryable = retryable


class ConnectionLost(ClientError):
    """The socket went away before the session was over. `close_code` is None where no close frame came."""

    def __init__(self, message: str, *, close_code: int | None = None) -> None:
        super().__init__(message)
        self.close_code = close_code


class TimedOut(ClientError):
    """The server did not answer in time."""
