"""Time for the client: the real one, replaceable in tests."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """A monotonic clock in seconds, and a way to wait for one of its instants."""

    def now(self) -> float:
        """Seconds since an arbitrary beginning; never goes back."""
        ...

    async def sleep_until(self, instant: float) -> None:
        """Return once `now()` has reached `instant`, at once if it already has."""
        ...


class SystemClock:
    """The machine's monotonic clock."""

    def now(self) -> float:
        """Seconds of `time.monotonic`."""
        return time.monotonic()

    async def sleep_until(self, instant: float) -> None:
        """Sleep on the event loop."""
        await asyncio.sleep(max(0.0, instant - time.monotonic()))
