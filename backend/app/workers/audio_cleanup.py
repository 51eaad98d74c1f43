"""Recordings that were kept long enough: found now and then, removed by jobs."""

import asyncio

import structlog

from app.services.errors import StorageUnavailable
from app.services.job_queue import Job, JobKind
from app.services.recording_retention import OldRecordings
from app.services.session_store import NewEvent
from app.services.speech.audio_keys import audio_folder
from app.services.storage import BlobStore
from app.workers.job_worker import Progress

LOOK_S = 3_600.0

log = structlog.get_logger(__name__)


class AudioCleanupHandler:
    """JobHandler for recordings to remove."""

    kind = JobKind.AUDIO_CLEANUP

    def __init__(self, recordings: OldRecordings, blobs: BlobStore) -> None:
        self._recordings = recordings
        self._blobs = blobs

    async def do(self, job: Job, progress: Progress) -> None:
        """Remove the recording, then say so; done twice it is the same. Raises LeaseLost."""
        await self._blobs.delete(audio_folder(job.session_id))
        progress(90)
        await self._recordings.removed(job)

    def gave_up(self, job: Job) -> NewEvent | None:
        """Return nothing: the learner waits for nothing."""
        return None


async def queue_old_recordings(recordings: OldRecordings, *, days: int, look_s: float = LOOK_S) -> None:
    """Queue the removal of recordings that are older than `days`, at once and again every `look_s`.

    With 0 days recordings are kept for ever, and this returns.
    """
    while days:
        try:
            queued = await recordings.queue_removals(older_than_days=days)
        except StorageUnavailable as unavailable:
            log.warning("recordings.not_looked_at", reason=str(unavailable))
        else:
            if queued:
                log.info("recordings.removal_queued", sessions=queued, older_than_days=days)
        await asyncio.sleep(look_s)
