"""Recordings that were kept long enough are removed by jobs."""

from app.services.job_queue import Job, JobKind
from app.services.recording_retention import OldRecordings
from app.services.session_store import NewEvent
from app.services.speech.audio_keys import audio_folder
from app.services.storage import BlobStore
from app.workers.job_worker import Progress


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
