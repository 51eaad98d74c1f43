"""How jobs reach the workers: by looking in PostgreSQL, or over Redis where REDIS_URL is set."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Protocol

from app.background import beside
from app.config import Settings
from app.services.session_notices import Change, Listener, Notice, SessionNotices
from app.workers.carried_worker import CarriedWorker
from app.workers.housekeeping import Chore, keep_house
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
    settings: Settings, worker: JobWorker, notices: SessionNotices, chores: Mapping[str, Chore]
) -> AsyncIterator[JobRunner]:
    """Yield what runs `worker` the way the settings say, woken by the `notices` of jobs.

    On PostgreSQL every worker that hears of a job looks for it. On Redis every one that hears of it sees that
    the queue holds a message for it: servers in production have no worker that could. Meanwhile the
    `chores` are done now and then.
    """
    async with beside(keep_house(chores), name="housekeeping"), _carried(settings, worker, notices) as runner:
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
