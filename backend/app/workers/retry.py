"""--mode worker --retry ID and --retry-parked: an operator gives parked jobs another chance."""

import asyncio
import sys
from uuid import UUID

from app.config import Settings
from app.repositories.database import Database
from app.repositories.jobs import PostgresJobs


def retry(settings: Settings, job_or_session_id: UUID | None) -> int:
    """Queue one job, a session's, or with None every parked one for the workers that run.

    Return the exit status: 1 when the one that was named is not parked.
    """
    restored = asyncio.run(_restore(settings, job_or_session_id))
    if restored or job_or_session_id is None:
        sys.stdout.write(f"{restored} parked {'job is' if restored == 1 else 'jobs are'} queued again.\n")
        return 0
    sys.stderr.write(f"No parked job has the id {job_or_session_id}, nor is it one's session.\n")
    return 1


async def _restore(settings: Settings, job_or_session_id: UUID | None) -> int:
    database = Database(settings.database_url, max_size=1)
    await database.open()
    try:
        return await PostgresJobs(database).retry(job_or_session_id)
    finally:
        await database.close()
