"""Training: /api/v1/training."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from app.api.audio_body import PCM_TYPES, WAV_TYPES, RecordingUnreadable, is_recording, read_recording
from app.api.deps import CurrentUser, Parts
from app.api.errors import documented
from app.api.training_errors import TrainingProblem, training_problems
from app.api.training_models import (
    CardSchedule,
    CompletedAttempt,
    NewGrade,
    SpokenAttempt,
    TrainingPlan,
    TrainingTask,
    TrainingTasks,
    WrittenAttempt,
)
from app.api.training_progress_models import TrainingProgress
from app.services.training_engine import Card
from app.services.training_engine.drills import DrillType
from app.services.training_engine.grading import Answer
from app.services.training_engine.plan import DAY_LOAD
from app.services.training_engine.trainer import Attempt

router = APIRouter(prefix="/training", tags=["training"], responses=documented(400, 401, 422, 503))

_ANSWER_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "JSON for a written answer. A recording is the body itself, 16 kHz mono PCM16, as WAV "
        "or bare samples, at most 5 MB, begun when the task is shown; what goes with it is in the query.",
        "content": {
            "application/json": {"schema": WrittenAttempt.model_json_schema()},
            **{
                kind: {"schema": {"type": "string", "format": "binary"}}
                for kind in sorted(WAV_TYPES | PCM_TYPES)
            },
        },
    },
    "parameters": [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": "With a recording only"
            + (", where it is required." if name == "attempt_id" else "."),
            "schema": schema,
        }
        for name, schema in SpokenAttempt.model_json_schema()["properties"].items()
    ],
}


@router.get("/tasks")
async def list_tasks(
    user: CurrentUser,
    parts: Parts,
    limit: Annotated[
        int, Query(ge=1, le=100, description="How many at most; never more than a day's load.")
    ] = (DAY_LOAD),
    drill: Annotated[
        DrillType | None, Query(alias="type", description="Only tasks for this drill, as this drill.")
    ] = None,
) -> TrainingTasks:
    """Return what is due now, the longest due first, at most what is left of a day's load."""
    with training_problems():
        return TrainingTasks.of(await parts.training.tasks(user.user_id, limit=limit, drill=drill))


@router.get("/tasks/{task_id}", responses=documented(404))
async def read_task(
    task_id: UUID,
    user: CurrentUser,
    parts: Parts,
    drill: Annotated[DrillType | None, Query(alias="type", description="Show it as this drill.")] = None,
) -> TrainingTask:
    """Return a task, due or not."""
    with training_problems():
        return TrainingTask.of(await parts.training.task(user.user_id, task_id, drill))


@router.post(
    "/tasks/{task_id}/complete", responses=documented(404, 409, 413, 415), openapi_extra=_ANSWER_BODY
)
async def complete_task(task_id: UUID, request: Request, user: CurrentUser, parts: Parts) -> CompletedAttempt:
    """Judge an answer and schedule the task anew.

    The same attempt id again gives the same result and counts once. What cannot be judged counts for nothing.
    """
    attempt = await _attempt(request)
    with training_problems():
        return CompletedAttempt.of(await parts.training.complete(user.user_id, task_id, attempt))


@router.post("/tasks/{task_id}/skip", responses=documented(404))
async def skip_task(task_id: UUID, user: CurrentUser, parts: Parts) -> CardSchedule:
    """Put a task off to the learner's next day."""
    with training_problems():
        return _schedule(await parts.training.skip(user.user_id, task_id))


@router.post("/tasks/{task_id}/suspend", responses=documented(404))
async def suspend_task(task_id: UUID, user: CurrentUser, parts: Parts) -> CardSchedule:
    """Put a task aside until it is resumed."""
    with training_problems():
        return _schedule(await parts.training.suspend(user.user_id, task_id, suspended=True))


@router.post("/tasks/{task_id}/resume", responses=documented(404))
async def resume_task(task_id: UUID, user: CurrentUser, parts: Parts) -> CardSchedule:
    """Take a task back that was put aside."""
    with training_problems():
        return _schedule(await parts.training.suspend(user.user_id, task_id, suspended=False))


@router.put("/attempts/{attempt_id}/grade", responses=documented(404, 409))
async def grade_attempt(attempt_id: UUID, new: NewGrade, user: CurrentUser, parts: Parts) -> CompletedAttempt:
    """Let the learner's own grade of the last answer to a task count; the measured one is kept."""
    with training_problems():
        return CompletedAttempt.of(await parts.training.regrade(user.user_id, attempt_id, new.grade))


@router.post("/attempts/{attempt_id}/undo", responses=documented(404, 409))
async def undo_attempt(attempt_id: UUID, user: CurrentUser, parts: Parts) -> CompletedAttempt:
    """Take the last answer to a task back, as if it had not been given; repeating it changes nothing."""
    with training_problems():
        return CompletedAttempt.of(await parts.training.undo(user.user_id, attempt_id))


@router.get("/plan")
async def read_plan(user: CurrentUser, parts: Parts) -> TrainingPlan:
    """Return the week's plan. It is made anew when it is over, when a day was missed or the aim changed."""
    with training_problems():
        plan, finished = await parts.training.plan(user.user_id)
    return TrainingPlan.of(plan, dict(finished))


@router.get("/progress")
async def read_progress(user: CurrentUser, parts: Parts) -> TrainingProgress:
    """Return how far the learner is with every criterion, rule, sound and skill."""
    with training_problems():
        return TrainingProgress.of(await parts.training.progress(user.user_id))


async def _attempt(request: Request) -> Attempt:
    """Read the answer from the body, and what goes with a recording from the query."""
    kind = request.headers.get("content-type", "application/json").lower()
    query = dict(request.query_params)
    if is_recording(kind):
        with _refused_in("query"):
            about = SpokenAttempt.model_validate(query)
        sound = _recorded(await request.body(), kind)
        return Attempt(about.attempt_id, Answer(pcm=sound), about.type, about.revision, about.grade)
    with _refused_in("body"):
        written = WrittenAttempt.model_validate_json(await request.body(), strict=True)
    with _refused_in("query"):  # not used here, but what is nonsense there is nonsense here
        SpokenAttempt.model_validate({"attempt_id": written.attempt_id, **query})
    answer = None if written.text is None else Answer(written.text, elapsed_ms=written.elapsed_ms)
    return Attempt(written.attempt_id, answer, written.type, written.revision, written.grade)


@contextmanager
def _refused_in(place: str) -> Iterator[None]:
    """Raise as a route's own parameters would, for a part of the request that was read here."""
    try:
        yield
    except ValidationError as invalid:
        found = [{**error, "loc": (place, *error["loc"])} for error in invalid.errors(include_url=False)]
        raise RequestValidationError(found) from invalid


def _recorded(body: bytes, kind: str) -> bytes:
    try:
        return read_recording(body, kind)
    except RecordingUnreadable as unreadable:
        raise TrainingProblem(
            HTTPStatus.UNPROCESSABLE_ENTITY, "recording_unreadable", f"{unreadable} Nothing was counted."
        ) from unreadable


def _schedule(card: Card) -> CardSchedule:
    return CardSchedule(
        id=str(card.id),
        status=card.status,
        due=card.due,
        interval_days=card.memory.interval_days,
        scheduler=card.memory.algorithm,
    )
