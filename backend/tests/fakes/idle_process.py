"""A child that does nothing: `idle`, `stubborn` (deaf to SIGTERM), or `broken` (ends with status 3)."""

import signal
import sys

from app.modes.parent import end_with_parent

if __name__ == "__main__":
    how = sys.argv[1]
    if how == "broken":
        sys.exit(3)
    if how == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    end_with_parent()
    sys.stdout.write("{}\n")
    sys.stdout.flush()
    while True:
        signal.pause()
