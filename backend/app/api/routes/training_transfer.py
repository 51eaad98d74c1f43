"""Taking training along: /api/v1/training/export and /import."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from app.api.deps import CurrentUser, Parts
from app.api.errors import documented
from app.api.training_transfer_models import CardTransfer, Imported, TrainingTransfer
from app.services.training_engine.store import CardLog

router = APIRouter(prefix="/training", tags=["training"], responses=documented(400, 401, 422, 503))


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"model": TrainingTransfer, "description": "A JSON document to keep or import."}},
)
async def export_training(user: CurrentUser, parts: Parts) -> StreamingResponse:
    """Return every card and every answer of the learner as one JSON document."""
    return StreamingResponse(
        _document(parts.training.export(user.user_id)),
        media_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="training.json"'},
    )


@router.post("/import", responses=documented(413))
async def import_training(data: TrainingTransfer, user: CurrentUser, parts: Parts) -> Imported:
    """Add cards and answers that are not there yet; schedules are replayed from the answers.

    A card of a target that is there keeps its material. Importing the same document twice adds nothing.
    """
    now = datetime.now(UTC)
    logs = [card.log(user.user_id, now.date()) for card in data.cards]
    cards, reviews = await parts.training.import_cards(user.user_id, logs)
    return Imported(cards=cards, reviews=reviews)


async def _document(cards: AsyncIterator[CardLog]) -> AsyncIterator[str]:
    yield '{"version":1,"cards":['
    first = True
    async for card in cards:
        yield ("" if first else ",") + CardTransfer.of(card).model_dump_json()
        first = False
    yield "]}"
