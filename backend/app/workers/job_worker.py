"""The worker: claims jobs of every kind that it has a handler for, one at a time.

The database row is the job; a handler does the work and this keeps the lease alive meanwhile. A worker that
dies loses nothing: its lease runs out and another one claims the job.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, Protocol
from uuid import UUID

import structlog

from app.exception_text import message_of
from app.services import tracing
from app.services.errors import StorageUnavailable
from app.services.job_queue import Job, JobKind, JobQueue, LeaseLost, SessionErased
from app.services.session_store import NewEvent

LEASE_S = 12.0
"""A dead worker's job is due again within this, and runs again as soon as another one is free and has looked,
which it does every POLL_S. Renewed three times as often as it would run out."""
POLL_S = 2.0

log = structlog.get_logger(__name__)


Outcome = Literal["done", "failed", "erased", "lost"]
"""How an attempt ended: `erased` with its session, `lost` to another worker or with the database."""


class JobAbandoned(Exception):
    """Nobody waits for this work any more; raised in the pool's thread to free it."""


class Progress:
    """How far a job is, in percent; written by the handler in any thread, read by the heartbeat."""

    def __init__(self) -> None:
        self.percent = 0
        self.abandoned = False

    def __call__(self, percent: int) -> None:
        """Say how far it is. Raises JobAbandoned when nobody waits for it any more."""
        if self.abandoned:
            raise JobAbandoned
        self.percent = percent


class JobHandler(Protocol):
    """Does the jobs of one kind. Doing one twice must have the effect of once."""

    @property
    def kind(self) -> JobKind:
        """Which jobs."""
        ...

    async def do(self, job: Job, progress: Progress) -> None:
        """Do the work and store its result, with the job as done, in one transaction.

        Raises SessionErased, LeaseLost, StorageUnavailable, and anything else for a failed attempt.
        """
        ...

    def gave_up(self, job: Job) -> NewEvent | None:
        """Return what the learner is told when the job is parked after its last attempt."""
        ...


class JobMeter(Protocol):
    """Whoever counts jobs."""

    def job_attempted(self, kind: str, outcome: Outcome, seconds: float) -> None:
        """A job was tried."""
        ...


class NoJobMeter:
    """Counts nothing."""

    def job_attempted(self, kind: str, outcome: Outcome, seconds: float) -> None:
        """Do nothing."""


class JobWorker:
    """Does one job at a time until it is told to stop.

    `on_done` is called with the session's id when a job is done or has failed for good, so that a process
    which holds the learner's socket can pass on at once what came of it. `tidy` is called after an attempt,
    when what a job that is done took is no longer held.
    """

    def __init__(
        self,
        queue: JobQueue,
        handlers: Sequence[JobHandler],
        *,
        on_done: Callable[[UUID], None],
        name: str,
        meter: JobMeter | None = None,
        tidy: Callable[[], Awaitable[None]] | None = None,
        lease_s: float = LEASE_S,
        poll_s: float = POLL_S,
    ) -> None:
        self._queue = queue
        self._handlers = {handler.kind: handler for handler in handlers}
        self._kinds = frozenset(self._handlers)
        self._on_done = on_done
        self._meter = meter or NoJobMeter()
        self._tidy = tidy
        self._name = name
        self._lease_s = lease_s
        self._poll_s = poll_s
        self._woken = asyncio.Event()
        self._stopping = False

    @property
    def name(self) -> str:
        """What it calls itself as the holder of a lease."""
        return self._name

    def wake(self) -> None:
        """Look for work now instead of at the next poll. Call it on the event loop."""
        self._woken.set()

    def stop(self) -> None:
        """Finish the job in hand, then return from `run`. Call it on the event loop."""
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        """Work until `stop`. When cancelled, the job in hand is left to its lease."""
        while not self._stopping:
            self._woken.clear()
            if not await self.work_once():
                await self._idle()

    async def _idle(self) -> None:
        if self._stopping:
            return
        try:
            async with asyncio.timeout(self._poll_s):
                await self._woken.wait()
        except TimeoutError:
            return

    async def due(self) -> int:
        """Return how many jobs wait that this worker could do. Raises StorageUnavailable."""
        return await self._queue.due(self._kinds)

    async def work_once(self) -> bool:
        """Do one job; return whether there was one."""
        try:
            job = await self._queue.claim(self._name, self._kinds, lease_s=self._lease_s)
            if job is None:
                return False
            with structlog.contextvars.bound_contextvars(
                kind=job.kind, job_id=str(job.id), session_id=str(job.session_id), user_id=str(job.user_id)
            ):
                await self._traced(job, self._handlers[job.kind])
        except StorageUnavailable as unavailable:
            log.warning("jobs.store_unavailable", reason=str(unavailable))
            return False
        except LeaseLost as lost:
            log.warning("job.lease_lost", reason=str(lost))
        return True

    async def _traced(self, job: Job, handler: JobHandler) -> None:
        ids: dict[str, tracing.Value] = {
            "job.id": str(job.id),
            "session.id": str(job.session_id),
            "job.attempt": job.attempt,
        }
        with tracing.span(f"job {job.kind}", "consumer", attributes=ids) as current:
            await self._attempt(job, handler, current)

    async def _attempt(self, job: Job, handler: JobHandler, current: tracing.Span) -> None:
        if job.attempt > self._queue.max_attempts:
            await self._give_back(job, handler, "The workers that tried this job stopped without a word.")
            return
        now = asyncio.get_running_loop().time
        began = now()
        outcome: Outcome = "lost"
        try:
            await self._do_held(job, handler)
            outcome = "done"
        except SessionErased:
            outcome = "erased"
            log.info("job.session_erased")
        except (LeaseLost, StorageUnavailable):
            raise
        except Exception as failure:
            outcome = "failed"
            current.failed(type(failure).__name__)
            log.exception("job.failed", attempt=job.attempt)
            await self._give_back(job, handler, f"{type(failure).__name__}: {message_of(failure)}")
        finally:
            self._meter.job_attempted(job.kind, outcome, now() - began)
        if self._tidy is not None:
            await self._tidy()
        if outcome == "done":
            log.info("job.done", attempt=job.attempt, seconds=round(now() - began, 1))
            self._on_done(job.session_id)

    async def _give_back(self, job: Job, handler: JobHandler, error: str) -> None:
        if await self._queue.fail(job, error, event=handler.gave_up(job)):
            self._on_done(job.session_id)

    async def _do_held(self, job: Job, handler: JobHandler) -> None:
        """Do the job while a heartbeat keeps its lease."""
        progress = Progress()
        beating = asyncio.create_task(self._beat(job, progress), name="job.heartbeat")
        doing = asyncio.create_task(handler.do(job, progress), name=f"job.{job.kind}")
        try:
            await asyncio.wait({beating, doing}, return_when=asyncio.FIRST_COMPLETED)
            if beating.done():
                beating.result()
            await doing
        finally:
            progress.abandoned = True
            for task in (beating, doing):
                task.cancel()
            await asyncio.gather(beating, doing, return_exceptions=True)

    async def _beat(self, job: Job, progress: Progress) -> None:
        """Renew the lease three times as often as it would run out. Ends only by an error: LeaseLost."""
        while True:
            await asyncio.sleep(self._lease_s / 3)
            try:
                await self._queue.heartbeat(job, lease_s=self._lease_s, progress=progress.percent)
            except StorageUnavailable as unavailable:
                log.warning("job.heartbeat_missed", reason=str(unavailable))
