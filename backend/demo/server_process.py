"""What runs in the demo's server process: a development server that ends when its parent does."""

import os
import signal
import sys
import threading
from collections.abc import Sequence

from app.modes.launch import main as launch


def main(argv: Sequence[str]) -> int:
    """Serve as `run.py --mode dev` with `argv`, until told to stop or until standard input ends."""
    threading.Thread(target=_stop_with_parent, name="parent-watch", daemon=True).start()
    return launch(["--mode", "dev", *argv])


def _stop_with_parent() -> None:
    """The other end of standard input is the parent's alone: when it closes, however, the parent is gone."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
