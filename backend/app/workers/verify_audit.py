"""--mode worker --verify-audit: an operator has every chain of the audit log checked."""

import asyncio
import sys

from app.config import Settings
from app.repositories.audit import PostgresAudit
from app.repositories.database import Database
from app.services.audit import ChainReport


def verify_audit(settings: Settings) -> int:
    """Say whether the log is whole, and where it is not. Return the exit status: 1 when it is not."""
    report = asyncio.run(_check(settings))
    if report.broken is None:
        sys.stdout.write(f"The audit log is whole: {report.rows} rows of {report.chains} learners.\n")
        return 0
    broken = report.broken
    sys.stdout.write(f"The audit log is broken at row {broken.n} of {broken.user_id}: {broken.reason}.\n")
    return 1


async def _check(settings: Settings) -> ChainReport:
    database = Database(settings.database_url, max_size=1)
    await database.open()
    try:
        return await PostgresAudit(database).check()
    finally:
        await database.close()
