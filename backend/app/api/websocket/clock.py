"""Time as the sessions see it: monotonic milliseconds of the event loop.

Virtual time in tests comes from an event loop whose own clock jumps, so that there is one clock, not two.
"""

import asyncio
import time
from collections.abc import Callable


class Clock:
    """Monotonic milliseconds, and a way to be woken at one of them. Use it inside a running event loop."""

    def now_ms(self) -> int:
        """Milliseconds since an arbitrary beginning; never goes back."""
        # The loop counts in float seconds: a timer set for 570 ms may fire at 0.56999999.
        return int(asyncio.get_running_loop().time() * 1000 + 0.001)

    def unix_ms(self) -> int:
        """Milliseconds since 1970 UTC, for time stamps only."""
        return time.time_ns() // 1_000_000

    def call_at(self, at_ms: int, callback: Callable[[], object]) -> asyncio.TimerHandle:
        """Call back at `at_ms`, or as soon as possible where that has passed."""
        return asyncio.get_running_loop().call_at(at_ms / 1000, callback)

    async def sleep_until(self, at_ms: int) -> None:
        """Return once `now_ms()` has reached `at_ms`."""
        arrived = asyncio.Event()
        timer = self.call_at(at_ms, arrived.set)
        try:
            await arrived.wait()
        finally:
            timer.cancel()
