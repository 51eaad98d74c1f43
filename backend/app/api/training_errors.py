"""What can go wrong with training, as problem documents."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from app.api.errors import ApiError
from app.services.training_engine.drills import DrillNotPossible
from app.services.training_engine.grading import AnswerRefused, ListeningUnavailable
from app.services.training_engine.store import (
    AttemptIdTaken,
    AttemptNotFound,
    NotTheLastReview,
    TaskChanged,
    TaskNotDue,
    TaskNotFound,
    TaskSuspended,
)


class TrainingProblem(ApiError):
    """Something about training that the caller can act on; status and code differ from case to case."""

    def __init__(self, status: HTTPStatus, code: str, detail: str) -> None:
        super().__init__(detail, headers={"Retry-After": "5"} if status >= 500 else None)
        self.status = status
        self.code = code


_NOT_FOUND = HTTPStatus.NOT_FOUND
_CONFLICT = HTTPStatus.CONFLICT

_PROBLEMS: Mapping[type[Exception], Callable[[Any], TrainingProblem]] = {
    TaskNotFound: lambda _: TrainingProblem(_NOT_FOUND, "task_not_found", "You have no task of this id."),
    AttemptNotFound: lambda _: TrainingProblem(
        _NOT_FOUND, "attempt_not_found", "You have no attempt of this id."
    ),
    TaskNotDue: lambda e: TrainingProblem(
        _CONFLICT,
        "task_not_due",
        f"This task is done for now; it comes back on {e.due.isoformat()}. Nothing was counted.",
    ),
    TaskSuspended: lambda _: TrainingProblem(
        _CONFLICT, "task_suspended", "This task is put aside; resume it first. Nothing was counted."
    ),
    TaskChanged: lambda _: TrainingProblem(
        _CONFLICT,
        "task_changed",
        "The task was answered since you read it; read it again. Nothing was counted.",
    ),
    AttemptIdTaken: lambda _: TrainingProblem(
        _CONFLICT,
        "attempt_id_taken",
        "This attempt id belongs to an answer to another task; send a new one. Nothing was counted.",
    ),
    NotTheLastReview: lambda _: TrainingProblem(
        _CONFLICT, "attempt_not_last", "Only the last answer to a task can be undone or graded anew."
    ),
    DrillNotPossible: lambda e: TrainingProblem(
        HTTPStatus.UNPROCESSABLE_ENTITY, "drill_not_possible", f"There is no such drill here: {e}."
    ),
    AnswerRefused: lambda e: TrainingProblem(
        HTTPStatus.UNPROCESSABLE_ENTITY, e.code, f"{e} Nothing was counted."
    ),
    ListeningUnavailable: lambda _: TrainingProblem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "listening_unavailable",
        "Answers cannot be judged right now. Keep the answer and send it again under the same attempt id.",
    ),
}


@contextmanager
def training_problems() -> Iterator[None]:
    """Turn what training raises into problem documents."""
    try:
        yield
    except tuple(_PROBLEMS) as known:
        raise _PROBLEMS[type(known)](known) from known
