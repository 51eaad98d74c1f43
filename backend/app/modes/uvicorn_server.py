"""How we run uvicorn: the measured choices for many sockets that carry audio."""

import asyncio
import gc
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Any

import structlog
import uvicorn

from app.deadline import Deadline
from app.drain import DRAIN, Drain
from app.modes.uvicorn_socket import MicrophoneSocket

KEEPALIVE_S = 9.0  # a peer that is gone is noticed after two of them at most
SHARE_FOR_DRAINING = 0.75
"""Of the time a process has to stop; the rest is for requests under way and for closing its parts."""
FAREWELL_S = 1.5
"""How long a client may take to read why its socket is closed."""
COLLECT_AFTER = (10_000, 20, 20)
"""New objects before the youngest are searched for cycles, and so on. With Python's 700 a server of many
microphones spends a sixteenth of its time on it and finds next to nothing."""
REQUESTS_S = 2
"""How long requests may go on that were under way when the server stopped accepting."""
MAX_MESSAGE_BYTES = 1_048_576  # far above the protocol's own limits, which answer with an error event

log = structlog.get_logger()


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
        timeout_graceful_shutdown=REQUESTS_S,
        log_config=None,
        log_level="warning",  # our own notice says that it started
        access_log=False,
        lifespan="on",  # an application that fails to start must not go on
        server_header=False,
        proxy_headers=False,  # the application believes the proxies that its settings name, and nobody else
        reload=reload_dirs is not None,
        reload_dirs=reload_dirs,
    )


class _Unwaited(ThreadPoolExecutor):
    """Threads that the end of the event loop does not wait for: one that loads a model cannot be stopped."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        super().shutdown(wait=False, cancel_futures=True)


class Server(uvicorn.Server):
    """uvicorn that says when it answers, and drains before it stops accepting.

    uvicorn by itself closes every socket at the first signal. Here an application that hands over a Drain
    first lets its clients go, while it still answers and says that it is not ready. `drain_s` after the first
    signal the process is gone, whatever hangs.
    """

    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None], *, drain_s: float) -> None:
        super().__init__(config)
        self._on_started = on_started
        self._drain_s = drain_s
        self._deadline: Deadline | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        asyncio.get_running_loop().set_default_executor(_Unwaited())
        await super().startup(sockets=sockets)
        gc.set_threshold(*COLLECT_AFTER)
        gc.freeze()  # what is there by now stays, and a full collection of it takes 80 ms of everybody's time
        if self.started:
            self._on_started()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop: in good order at the first signal, at once at the second."""
        if self._deadline is None:
            self._deadline = Deadline(self._drain_s)
            self._captured_signals.append(sig)
        self._deadline.signalled(sig)
        self.should_exit = True
        if (drain := self._drain) is not None:
            drain.begin()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, let the last words reach the clients, then stop as uvicorn does."""
        if (drain := self._drain) is not None:
            try:
                async with asyncio.timeout(self._drain_s * SHARE_FOR_DRAINING):
                    await drain.finish()
            except Exception:
                log.exception("server.not_drained")
            if self.server_state.tasks:
                await asyncio.wait(set(self.server_state.tasks), timeout=FAREWELL_S)
        await super().shutdown(sockets=sockets)

    @property
    def _drain(self) -> Drain | None:
        """The application's, once it has started."""
        return self.lifespan.state.get(DRAIN) if self.started else None
