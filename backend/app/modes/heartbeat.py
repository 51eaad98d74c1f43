"""A server process shows its supervisor that its event loop runs: a line on standard output every second."""

import asyncio
import os

BEAT_S = 1.0


class Heartbeat:
    """Beats on the file `descriptor` from `start` on, for as long as the event loop runs.

    A beat is an empty line. What nobody reads is dropped once the pipe is full.
    """

    def __init__(self, descriptor: int, *, every_s: float = BEAT_S) -> None:
        self._descriptor = descriptor
        self._every_s = every_s

    def start(self) -> None:
        """Begin, on the running event loop."""
        os.set_blocking(self._descriptor, False)
        self._beat(asyncio.get_running_loop())

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            os.write(self._descriptor, b"\n")
        except BlockingIOError:
            pass
        except OSError:  # the supervisor is gone, and this process is about to end for that
            return
        loop.call_later(self._every_s, self._beat, loop)
