"""For a process that must not outlive the one that started it."""

import os
import signal
import sys
import threading


def end_with_parent() -> None:
    """Stop in good order once standard input ends: its other end is the parent's alone.

    However the parent goes, killed or not, the system closes its end.
    """
    threading.Thread(target=_wait, name="end-with-parent", daemon=True).start()


def _wait() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
