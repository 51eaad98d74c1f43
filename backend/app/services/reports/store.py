"""Reports as jobs that learners ask for. Their bytes lie in the blob store under `report_key`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.services.job_queue import Job, JobStatus
from app.services.reports.material import ReportMaterial


@dataclass(frozen=True, slots=True)
class ReportView:
    """How far a report is; `progress` is a percentage."""

    session_id: UUID
    status: JobStatus
    progress: int
    created_at: datetime
    finished_at: datetime | None


class ReportArchive(Protocol):
    """Reports as their learner asks for them."""

    async def request(self, user_id: UUID, session_id: UUID) -> ReportView:
        """Queue the report of the learner's ended session unless it was asked for before; return its state.

        Raises LookupError where the learner has no such session that has ended.
        """
        ...

    async def of_session(self, user_id: UUID, session_id: UUID) -> ReportView | None:
        """Return the state of the session's report, None when nobody has asked for one."""
        ...


class ReportDesk(Protocol):
    """What the worker reads and writes for a report."""

    async def material(self, session_id: UUID) -> ReportMaterial | None:
        """Return what there is to report, None for a session that was erased or is not analysed."""
        ...

    async def complete(self, job: Job) -> None:
        """Say that the report's bytes are stored. Raises LeaseLost."""
        ...
