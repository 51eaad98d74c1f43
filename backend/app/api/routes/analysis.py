"""Deep analyses: /api/v1/analysis."""

from uuid import UUID

from fastapi import APIRouter

from app.api.deps import CurrentUser, Parts
from app.api.errors import AnalysisNotFound, SessionNotFound, documented
from app.api.models import Analysis

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
