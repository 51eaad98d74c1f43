"""A child that only beats: `idle`, `stubborn` (deaf to SIGTERM), or `broken` (ends with status 3)."""

import asyncio
import signal
import sys

from app.modes.heartbeat import Heartbeat
from app.modes.parent import end_with_parent

BEAT_S = 0.05


async def idle() -> None:
    """Beat for ever."""
    Heartbeat(sys.stdout.fileno(), every_s=BEAT_S).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    how = sys.argv[1]
    if how == "broken":
        sys.exit(3)
    if how == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    end_with_parent()
    sys.stdout.write("{}\n")
    sys.stdout.flush()
    asyncio.run(idle())
