"""Where a session's report lies in the blob store. Pure."""

from uuid import UUID


def report_folder(session_id: UUID) -> str:
    """Return the folder of the session's reports."""
    return f"reports/{session_id}/"


def report_key(session_id: UUID) -> str:
    """Return the key of the session's report."""
    return f"{report_folder(session_id)}report.pdf"
