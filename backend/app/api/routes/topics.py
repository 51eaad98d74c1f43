"""What can be practised: /api/v1/topics."""

from fastapi import APIRouter

from app.api.deps import CurrentUser, Parts
from app.api.errors import documented
from app.api.topic_models import TopicList

router = APIRouter(tags=["sessions"], responses=documented(400, 401, 422, 503))


@router.get("/topics")
async def list_topics(_user: CurrentUser, parts: Parts) -> TopicList:
    """Return every topic that a session of mode `practice` can be about."""
    return TopicList.of(parts.topics)
