"""How long audio stays in the system's buffer before it is read: the longer, the more there is to do."""

import asyncio
import time
from collections.abc import Callable
from typing import ClassVar
from weakref import WeakKeyDictionary

PAUSE_PER_CONNECTION_S = 0.0005
MAX_PAUSE_S = 0.04
BUSY, FULL = 0.55, 0.67
"""Shares of a core. The rest is needed for what comes in bursts, and for the threads beside the loop."""
LOOK_S = 1.0


class ReadPace:
    """The pause between two reads of a connection, the same for all on an event loop.

    It grows with the number of connections: a learner alone waits for nothing, 80 and more for 40 ms. Where
    the loop's thread is BUSY the pause grows too, up to twice as long where it is FULL. A read costs as much
    as several frames, and a loop that cannot keep up with its reads lets everybody wait for longer than that.
    """

    _of_loop: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, "ReadPace"]] = WeakKeyDictionary()

    def __init__(
        self, now: Callable[[], float] = time.monotonic, used: Callable[[], float] = time.thread_time
    ) -> None:
        """`now` tells the time and `used` the processor time of the calling thread, both in seconds."""
        self._now = now
        self._used = used
        self._looked_at_s = now()
        self._used_s = used()
        self._share = 0.0

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop) -> "ReadPace":
        """Return the one pace of all who share the loop; call it on its thread."""
        return cls._of_loop.setdefault(loop, cls())

    def pause_s(self, connections: int) -> float:
        """Return how long not to read, in seconds; call it on the loop's thread."""
        if self._now() - self._looked_at_s >= LOOK_S:
            self._look()
        stretch = 1 + min(1.0, max(0.0, (self._share - BUSY) / (FULL - BUSY)))
        return min(MAX_PAUSE_S, PAUSE_PER_CONNECTION_S * max(1, connections)) * stretch

    def _look(self) -> None:
        now_s, used_s = self._now(), self._used()
        share = (used_s - self._used_s) / (now_s - self._looked_at_s)
        self._looked_at_s, self._used_s = now_s, used_s
        # Half the way: a longer pause makes the loop less busy, and a shorter one busier again.
        self._share += (share - self._share) / 2
