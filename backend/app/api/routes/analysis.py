"""Deep analyses and the reports made from them: /api/v1/analysis."""

import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response, status

from app.api.analysis_models import Analysis
from app.api.deps import CurrentUser, Parts, RestParts
from app.api.errors import AnalysisNotFound, AnalysisNotReady, ReportNotFound, SessionNotFound, documented
from app.api.report_models import Report
from app.services.reports import report_key
from app.services.storage import BlobNotFound

router = APIRouter(prefix="/analysis", tags=["analysis"], responses=documented(400, 401, 404, 422, 503))


@router.get("/sessions/{session_id}")
async def read_analysis(session_id: UUID, user: CurrentUser, parts: Parts) -> Analysis:
    """Return the analysis of a session: how far it is, and once it is done its result and findings."""
    view = await parts.analyses.of_session(user.user_id, session_id)
    if view is not None:
        return Analysis.of(view)
    if await parts.sessions.get(user.user_id, session_id) is None:
        raise SessionNotFound
    raise AnalysisNotFound


@router.post(
    "/sessions/{session_id}/pdf",
    status_code=status.HTTP_202_ACCEPTED,
    responses={
        200: {"model": Report, "description": "The report is there, or has failed for good."},
        **documented(409),
    },
)
async def request_report(
    session_id: UUID, user: CurrentUser, parts: Parts, request: Request, response: Response
) -> Report:
    """Have the session's report made, and say how far it is. Asking again changes nothing."""
    await _require_analysis(parts, user.user_id, session_id)
    view = await parts.reports.request(user.user_id, session_id)
    url = str(request.app.url_path_for("read_report", session_id=str(session_id)))
    match view.status:
        case "queued" | "running":
            parts.hurry(session_id)
            response.headers["Retry-After"] = "1"
        case "done" | "failed":
            response.status_code = status.HTTP_200_OK
    response.headers["Location"] = url
    return Report.of(view, url)


async def _require_analysis(parts: RestParts, user_id: UUID, session_id: UUID) -> None:
    """Raises SessionNotFound, AnalysisNotReady."""
    analysis = await parts.analyses.of_session(user_id, session_id)
    if analysis is None:
        if await parts.sessions.get(user_id, session_id) is None:
            raise SessionNotFound
        raise AnalysisNotReady("The session has not ended yet; end it, and ask once its analysis is done.")
    match analysis.status:
        case "queued" | "running":
            raise AnalysisNotReady(
                "The analysis is still being made; ask again when its status is done.",
                headers={"Retry-After": "2"},
            )
        case "failed":
            raise AnalysisNotReady("The analysis failed, so there is nothing to report.")
        case "done":
            return


@router.get(
    "/sessions/{session_id}/pdf",
    response_class=Response,
    responses={
        200: {"content": {"application/pdf": {}}, "description": "The report."},
        304: {"description": "It is the one that If-None-Match names."},
    },
)
async def read_report(
    session_id: UUID,
    user: CurrentUser,
    parts: Parts,
    *,
    if_none_match: Annotated[str | None, Header(alias="If-None-Match")] = None,
) -> Response:
    """Return the session's report as a PDF."""
    view = await parts.reports.of_session(user.user_id, session_id)
    if view is None or view.status != "done":
        if await parts.sessions.get(user.user_id, session_id) is None:
            raise SessionNotFound
        raise ReportNotFound("There is no report yet; POST here, and read it when its status is done.")
    await parts.audit.note_read(user.user_id, "report.read", f"session/{session_id}")
    try:
        pdf = await parts.blobs.get(report_key(session_id))
    except BlobNotFound:
        raise ReportNotFound("The report is not stored any more.") from None
    headers = {
        "ETag": f'"{hashlib.sha256(pdf).hexdigest()[:32]}"',
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f'inline; filename="speakmate-report-{session_id}.pdf"',
    }
    if if_none_match == headers["ETag"]:
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(pdf, media_type="application/pdf", headers=headers)
