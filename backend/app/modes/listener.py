"""The socket the server listens on, taken before anything else, so that a taken port is known at once."""

import contextlib
import errno
import socket
from collections.abc import Iterator

from app.modes.errors import CannotStart

BACKLOG = 2_048


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Listen on `host` and `port` (0: a free one). Clients that come early wait.

    Raises CannotStart when the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as refused:
        raise CannotStart(_advice(host, port, refused)) from refused
    with listener:
        yield listener


def address(listener: socket.socket) -> str:
    """Return the address under which this machine reaches the listener, as `http://host:port`."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _advice(host: str, port: int, refused: OSError) -> str:
    match refused.errno:
        case errno.EADDRINUSE:
            return (
                f"Port {port} is in use. Stop what uses it, or choose another with --port (0: any free one)."
            )
        case errno.EACCES:
            return f"This account may not listen on port {port}; choose one above 1023 with --port."
        case _:
            return (
                f"{host} is not an address of this machine ({refused.strerror}); choose another with --host."
            )
