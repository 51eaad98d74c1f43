"""Serving an application from a benchmark's own process, with the product's own server settings."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable

import msgspec
import uvicorn
from fastapi import FastAPI

from app.modes.uvicorn_server import server_config


class _Announced(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._announce()


def serve(app: FastAPI, *, port: int = 0) -> int:
    """Serve on the loopback address, print `{"url": ...}` once it answers, stop when standard input ends."""
    with socket.create_server(("127.0.0.1", port), backlog=1024) as listener:
        word = msgspec.json.encode({"url": f"http://127.0.0.1:{listener.getsockname()[1]}"})

        def announce() -> None:
            sys.stdout.buffer.write(word + b"\n")
            sys.stdout.flush()

        threading.Thread(target=_stop_with_parent, name="parent-watch", daemon=True).start()
        _Announced(server_config(app), announce).run(sockets=[listener])
    return 0


def _stop_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
