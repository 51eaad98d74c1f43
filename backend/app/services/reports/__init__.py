"""The report of a session as a PDF: what was found, typeset. Pure: the same material gives the same bytes."""

from app.services.reports.content import report_content
from app.services.reports.keys import report_key
from app.services.reports.material import ReportMaterial
from app.services.reports.typesetting import CannotTypeset, typeset

__all__ = ["CannotTypeset", "ReportMaterial", "report_content", "report_key", "typeset"]
