"""How jobs reach the workers: by looking in PostgreSQL, or over Redis where REDIS_URL is set."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from app.background import beside
from app.config import Settings
from app.services.recording_retention import OldRecordings
from app.services.session_notices import Change, Listener, Notice, SessionNotices
from app.workers.audio_cleanup import queue_old_recordings
from app.workers.carried_worker import CarriedWorker
from app.workers.job_worker import LEASE_S, JobWorker


class JobRunner(Protocol):
    """Works until it is told to stop."""

    def wake(self) -> None:
        """Look now for what is due. Call it on the event loop."""
        ...

    def stop(self) -> None:
        """Finish the job in hand, then return from `run`. Call it on the event loop."""
        ...

    async def run(self) -> None:
        """Work until `stop`. When cancelled, the job in hand is left to its lease."""
        ...


@asynccontextmanager
async def job_runner(
    settings: Settings, worker: JobWorker, notices: SessionNotices, recordings: OldRecordings
) -> AsyncIterator[JobRunner]:
    """Yield what runs `worker` the way the settings say, woken by the `notices` of jobs.

    On PostgreSQL every worker that hears of a job looks for it. On Redis every one that hears of it sees that
    the queue holds a message for it: servers in production have no worker that could. Meanwhile `recordings`
    that were kept long enough are queued for removal.
    """
    looking = queue_old_recordings(recordings, days=settings.audio_retention_days)
    async with beside(looking, name="recordings.look"), _carried(settings, worker, notices) as runner:
        yield runner


@asynccontextmanager
async def _carried(
    settings: Settings, worker: JobWorker, notices: SessionNotices
) -> AsyncIterator[JobRunner]:
    if settings.redis_url:
        # 0.4 s and 9 MB that only those pay who use it.
        from app.adapters.redis_jobs import RedisJobs  # noqa: PLC0415

        carrier = RedisJobs(settings.redis_url, name=worker.name, idle_s=LEASE_S)
        carried = CarriedWorker(worker, carrier)
        notices.listen(_wakes(carried))
        try:
            yield carried
        finally:
            await carrier.aclose()
    else:
        notices.listen(_wakes(worker))
        yield worker


def _wakes(runner: JobRunner) -> Listener:
    def heard(notice: Notice) -> None:
        if notice.change in {Change.ENDED, Change.JOB_QUEUED}:
            runner.wake()

    return heard
