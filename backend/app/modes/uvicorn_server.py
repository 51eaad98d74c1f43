"""How we run uvicorn: the measured choices for many sockets that carry audio."""

import socket
from collections.abc import Callable
from typing import Any

import uvicorn

from app.modes.notice import Notice
from app.modes.uvicorn_socket import MicrophoneSocket

KEEPALIVE_S = 9.0  # a peer that is gone is noticed after two of them at most
GRACEFUL_STOP_S = 10
MAX_MESSAGE_BYTES = 1_048_576  # far above the protocol's own limits, which answer with an error event


def server_config(app: Callable[..., Any] | str, *, reload_dirs: list[str] | None = None) -> uvicorn.Config:
    """Return the configuration for `app`, or for what the factory named `module:function` returns."""
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        loop="uvloop",
        http="httptools",
        ws=MicrophoneSocket,
        ws_per_message_deflate=False,  # it costs three times the processor time a frame
        ws_ping_interval=KEEPALIVE_S,
        ws_ping_timeout=KEEPALIVE_S,
        ws_max_size=MAX_MESSAGE_BYTES,
        timeout_graceful_shutdown=GRACEFUL_STOP_S,
        log_config=None,
        log_level="warning",  # our own notice says that it started
        access_log=False,
        lifespan="on",  # an application that fails to start must not go on
        server_header=False,
        reload=reload_dirs is not None,
        reload_dirs=reload_dirs,
    )


class Server(uvicorn.Server):
    """uvicorn that gives notice once it answers."""

    def __init__(self, config: uvicorn.Config, notice: Notice) -> None:
        super().__init__(config)
        self._notice = notice

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets=sockets)
        if self.started:
            self._notice.give()
