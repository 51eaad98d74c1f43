"""What the API says about reports."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from app.services.job_queue import JobStatus
from app.services.reports.store import ReportView


class Report(BaseModel):
    """The report of a session: its state, and where to read it once it is `done`."""

    session_id: str
    status: JobStatus = Field(description="`failed` means that an operator has to look at it.")
    progress: int = Field(ge=0, le=100, description="Percent.")
    created_at: datetime = Field(description="When it was asked for first, UTC.")
    finished_at: datetime | None = Field(description="UTC.")
    url: str | None = Field(description="Where the PDF is; null until done.")

    @classmethod
    def of(cls, view: ReportView, url: str) -> Self:
        """Show the report, which will be at `url`."""
        return cls(
            session_id=str(view.session_id),
            status=view.status,
            progress=view.progress,
            created_at=view.created_at,
            finished_at=view.finished_at,
            url=url if view.status == "done" else None,
        )
