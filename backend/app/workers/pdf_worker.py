"""Reports as jobs: read what is stored, typeset it in a pool, store the bytes."""

from uuid import UUID

from app.services.analysis_coordinator import RunInPool
from app.services.job_queue import Job, JobKind, LeaseLost, SessionErased
from app.services.reports import report_content, report_key, typeset
from app.services.reports.keys import report_folder
from app.services.reports.store import ReportDesk
from app.services.session_store import NewEvent
from app.services.storage import BlobStore
from app.workers.job_worker import Progress


class PdfHandler:
    """JobHandler for reports."""

    kind = JobKind.PDF

    def __init__(self, desk: ReportDesk, blobs: BlobStore, *, run_in_pool: RunInPool) -> None:
        self._desk = desk
        self._blobs = blobs
        self._run_in_pool = run_in_pool

    async def do(self, job: Job, progress: Progress) -> None:
        """Make the report and store it; made twice it is the same bytes. Raises SessionErased, LeaseLost."""
        pdf = await self._made(job.session_id)
        progress(90)
        await self._blobs.put(report_key(job.session_id), pdf)
        try:
            await self._desk.complete(job)
        except LeaseLost:
            if await self._desk.material(job.session_id) is None:  # its files went before this one came
                await self._blobs.delete(report_folder(job.session_id))
                raise SessionErased from None
            raise

    async def _made(self, session_id: UUID) -> bytes:
        material = await self._desk.material(session_id)
        if material is None:
            raise SessionErased
        return await self._run_in_pool(lambda: typeset(report_content(material)))

    def gave_up(self, job: Job) -> NewEvent | None:
        """Return nothing: whoever waits for a report asks for it again and is told."""
        return None
