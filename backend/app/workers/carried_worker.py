"""The worker where a queue carries word of due jobs: it works when a message comes.

Now and then, and when a session has ended in this process, it compares what is due in the database with what
the queue holds and dispatches the difference: new jobs, retries that are due again, jobs of dead workers.
While the queue is away it looks in the database itself.
"""

import asyncio
from contextlib import suppress
from typing import Protocol

import structlog

from app.services.errors import StorageUnavailable
from app.services.job_carrier import CarrierDown, JobCarrier
from app.workers.job_worker import POLL_S

LOOK_S = 5.0
"""Between two comparisons; a dead worker's job runs again within its lease and this."""

log = structlog.get_logger(__name__)


class DoesJobs(Protocol):
    """Does the job whose turn it is."""

    async def due(self) -> int:
        """Return how many jobs wait that it could do. Raises StorageUnavailable."""
        ...

    async def work_once(self) -> bool:
        """Do one job; return whether there was one. When cancelled, it is left to its lease."""
        ...


class CarriedWorker:
    """Does one job at a time, of a message or of its own accord, until it is told to stop."""

    def __init__(
        self,
        worker: DoesJobs,
        carrier: JobCarrier,
        *,
        look_s: float = LOOK_S,
        poll_s: float = POLL_S,
    ) -> None:
        self._worker = worker
        self._carrier = carrier
        self._look_s = look_s
        self._poll_s = poll_s
        self._woken = asyncio.Event()
        self._stopping = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._current: asyncio.Task[None] | None = None
        self._carried: bool | None = None

    def wake(self) -> None:
        """Dispatch what is due now instead of at the next look. Call it on the event loop."""
        self._woken.set()

    def stop(self) -> None:
        """Finish the job in hand, then return from `run`. Call it on the event loop."""
        self._stopping.set()
        self._woken.set()

    async def run(self) -> None:
        """Work until `stop`. When cancelled, the job in hand is left to its lease."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._receive(), name="jobs.receive")
                tasks.create_task(self._dispatch(), name="jobs.dispatch")
        finally:
            if self._current is not None:
                self._current.cancel()
                await asyncio.gather(self._current, return_exceptions=True)

    async def _receive(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._carrier.receive(self._take_one, self._stopping)
            except CarrierDown:
                await _set_within(self._stopping, self._poll_s)

    async def _dispatch(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                await self._carrier.dispatch(await self._worker.due())
            except StorageUnavailable as unavailable:
                log.warning("jobs.store_unavailable", reason=str(unavailable))
            except CarrierDown as down:
                self._is_carried(False, down)
                await self._drain()
            else:
                self._is_carried(True)
            await _set_within(self._woken, self._look_s if self._carried else self._poll_s)

    async def _drain(self) -> None:
        """Do what is due without any message."""
        while not self._stopping.is_set() and await self._work():
            pass

    async def _take_one(self) -> None:
        """Do a job because a message came; one that finds nothing due was one too many."""
        await self._work()

    async def _work(self) -> bool:
        """Do one job in a task of its own, which ends with `run` whoever waits for it."""
        async with self._one_at_a_time:
            if self._stopping.is_set():
                return False
            found = False

            async def work() -> None:
                nonlocal found
                found = await self._worker.work_once()

            self._current = asyncio.create_task(work(), name="jobs.work")
            try:
                await asyncio.shield(self._current)
            finally:
                if self._current.done():
                    self._current = None
            return found

    def _is_carried(self, carried: bool, why: Exception | None = None) -> None:
        if carried is self._carried:
            return
        self._carried = carried
        if carried:
            log.info("jobs.carried")
        else:
            log.warning("jobs.not_carried", reason=str(why), effect="this worker looks in the database")


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
