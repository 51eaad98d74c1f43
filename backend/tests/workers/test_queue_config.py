"""How a worker is run: woken by notices, while the house is kept; virtual time."""

import asyncio
from uuid import uuid4

import pytest

from app.config import Settings
from app.services.job_queue import Job, JobKind
from app.services.session_notices import Change, SessionNotices
from app.services.session_store import NewEvent
from app.workers.job_worker import JobWorker, Progress
from app.workers.queue_config import job_runner
from tests.fakes.job_queue import MemoryQueue, a_job
from tests.virtual_time import virtual_time


class Noting:
    """Implements JobHandler and a chore; notes what it is asked for."""

    kind = JobKind.PDF

    def __init__(self) -> None:
        self.did: list[Job] = []
        self.looked = 0

    async def do(self, job: Job, progress: Progress) -> None:
        self.did.append(job)

    def gave_up(self, job: Job) -> NewEvent | None:
        return None

    async def look(self) -> int:
        self.looked += 1
        return 0


@pytest.mark.parametrize("change", [Change.ENDED, Change.JOB_QUEUED])
@virtual_time
async def test_a_notice_from_anywhere_wakes_the_worker(change: Change) -> None:
    queue, noting, notices = MemoryQueue(), Noting(), SessionNotices()
    worker = JobWorker(queue, [noting], on_done=lambda _: None, name="test", poll_s=3_600)
    settings = Settings(environment="test")
    async with job_runner(settings, worker, notices, {"look": noting.look}) as runner:
        running = asyncio.create_task(runner.run())
        await asyncio.sleep(1)
        queue.waiting.append(a_job(uuid4(), kind=JobKind.PDF))
        notices.publish(Change.LOG_GREW, uuid4())
        await asyncio.sleep(1)
        assert noting.did == []
        notices.publish(change, uuid4())
        await asyncio.sleep(1)
        assert len(noting.did) == 1
        runner.stop()
        await running
    assert noting.looked == 1
    assert len(asyncio.all_tasks()) == 1
