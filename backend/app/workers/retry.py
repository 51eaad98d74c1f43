"""--mode worker --retry ID: an operator gives a parked job another chance."""

import asyncio
import sys
from uuid import UUID

from app.config import Settings
from app.repositories.analysis_jobs import PostgresAnalysisJobs
from app.repositories.database import Database


def retry(settings: Settings, analysis_or_session_id: UUID) -> int:
    """Queue the job for the workers that run; return the exit status, 1 when no such job is parked."""
    if asyncio.run(_restore(settings, analysis_or_session_id)):
        sys.stdout.write(f"{analysis_or_session_id} is queued again.\n")
        return 0
    sys.stderr.write(f"No parked job has the id {analysis_or_session_id}, nor is it one's session.\n")
    return 1


async def _restore(settings: Settings, analysis_or_session_id: UUID) -> bool:
    database = Database(settings.database_url, max_size=1)
    await database.open()
    try:
        return await PostgresAnalysisJobs(database).retry(analysis_or_session_id)
    finally:
        await database.close()
