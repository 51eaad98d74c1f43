"""A model pool that computes only when the test says so, on the event loop."""

import asyncio
from concurrent.futures import Future
from typing import Any

from app.adapters.local_speech.pool import ModelPool, Work


class HandPool(ModelPool):
    """Nothing begins on its own; `begin` and `end` are what a thread would do."""

    def __init__(self, *, max_waiting: int = 64) -> None:
        super().__init__(1, max_waiting=max_waiting)

    def _dispatch(self) -> None:
        """A thread would begin here."""

    def begin(self) -> Work[Any]:
        """Take the most urgent call from the queue, as a thread does."""
        work = min(self._waiting, key=lambda waiting: waiting.rank)
        self._waiting.remove(work)
        work.started = True
        return work

    async def end(self, work: Work[Any]) -> None:
        """Compute a call that has begun, and let its callbacks run."""
        computed: Future[Any] = Future()
        try:
            computed.set_result(work.fn(*work.args))
        except Exception as failure:  # noqa: BLE001 - as an executor does
            computed.set_exception(failure)
        self._settle(work, computed)
        await asyncio.sleep(0)

    async def compute(self) -> None:
        """Compute everything that waits."""
        while self._waiting:
            await self.end(self.begin())
