"""A clock that stands still until a test moves it."""

import asyncio
import heapq
import itertools


class ManualClock:
    """client.Clock for one sleeper at a time: `advance` wakes it at each instant it asked for, in order."""

    def __init__(self) -> None:
        self._now = 1_000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._asleep = asyncio.Event()

    def now(self) -> float:
        return self._now

    async def sleep_until(self, instant: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (instant, next(self._numbers), woken))
        self._asleep.set()
        await woken

    def jump(self, seconds: float) -> None:
        """Let time pass in which nobody gets to do anything, as on a machine that stalls."""
        self._now += seconds

    async def advance(self, seconds: float) -> None:
        """Let so much time pass; return when whoever sleeps has gone to sleep again."""
        until = self._now + seconds
        while True:
            async with asyncio.timeout(5):
                await self._asleep.wait()
            instant, _, woken = self._sleepers[0]
            if instant > until + 1e-9:
                break
            heapq.heappop(self._sleepers)
            if not self._sleepers:
                self._asleep.clear()
            self._now = max(self._now, instant)
            if not woken.done():
                woken.set_result(None)
        self._now = until


class HurriedClock:
    """client.Clock on which whoever waits has waited already: an exam takes milliseconds."""

    def __init__(self) -> None:
        self._now = 1_000.0

    def now(self) -> float:
        return self._now

    async def sleep_until(self, instant: float) -> None:
        self._now = max(self._now, instant)
        await asyncio.sleep(0)
