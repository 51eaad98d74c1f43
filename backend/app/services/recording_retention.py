"""Recordings are kept for so long after a session and then removed; what was found in them stays."""

from typing import Protocol

from app.services.job_queue import Job


class OldRecordings(Protocol):
    """Which recordings have been kept long enough. Every method raises StorageUnavailable."""

    async def queue_removals(self, *, older_than_days: int) -> int:
        """Queue the removal of recordings of sessions that ended longer ago; return how many.

        Left alone are recordings that an analysis still needs, and those whose removal is queued or parked.
        """
        ...

    async def removed(self, job: Job) -> None:
        """Note that the recording of the job's session is gone, and end the job. Raises LeaseLost."""
        ...
