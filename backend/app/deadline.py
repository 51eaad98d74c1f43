"""The last word when a process that was told to stop does not come to its end."""

import faulthandler
import os
import sys
import threading
import time
from collections.abc import Callable

import structlog

REPEAT_S = 1.0
"""A signal so soon after the first is the same one: a terminal and a parent may both have sent it."""
FAILED = 1

log = structlog.get_logger()


class Deadline:
    """Counts from the first signal to stop; after `seconds`, or at the second signal, the process is gone.

    It needs neither the event loop nor the main thread, so whatever hangs cannot hold it up. What was stored
    stays; sessions that were not let go in time go on elsewhere when their lease has run out.
    """

    def __init__(
        self,
        seconds: float,
        *,
        leave: Callable[[int], object] = os._exit,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._leave = leave
        self._clock = clock
        self._signalled_at: float | None = None

    def signalled(self, number: int) -> None:
        """Take note of a signal. Called by the signal handler."""
        now = self._clock()
        if self._signalled_at is None:
            self._signalled_at = now
            threading.Thread(target=self._wait, name="deadline", daemon=True).start()
        elif now - self._signalled_at >= REPEAT_S:
            self._leave(128 + number)

    def _wait(self) -> None:
        threading.Event().wait(self._seconds)
        log.error("server.deadline_passed", seconds=self._seconds, advice="what hangs is shown below")
        if sys.stderr is not None:
            faulthandler.dump_traceback(sys.stderr)
        self._leave(FAILED)
