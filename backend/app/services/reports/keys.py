"""Where a session's report lies in the blob store. Pure."""

from uuid import UUID

REPORTS = "reports/"
"""Where the sessions' folders lie."""


def report_folder(session_id: UUID) -> str:
    """Return the folder of the session's reports."""
    return f"{REPORTS}{session_id}/"


def report_key(session_id: UUID) -> str:
    """Return the key of the session's report."""
    return f"{report_folder(session_id)}report.pdf"
