"""What the training routes take and give."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from app.api.fields import digit_in_query, no_boolean
from app.services.hybrid_analyzer import Criterion
from app.services.training_engine import CardKind, CardStatus
from app.services.training_engine.drills import Drill, DrillType
from app.services.training_engine.drills import drill_types as types_of
from app.services.training_engine.memory import Algorithm
from app.services.training_engine.memory import Grade as GradeValue
from app.services.training_engine.plan import ExamPractice, PlannedDay, TalkMode, WeekPlan
from app.services.training_engine.store import StoredReview
from app.services.training_engine.trainer import DayTasks, Task

MAX_ANSWER_CHARS = 5_000
MAX_ELAPSED_MS = 3_600_000

Grade = Annotated[
    GradeValue,
    BeforeValidator(no_boolean),
    Field(
        description="0-5: 5 right and prompt, 4 right but slow, 3 right with difficulty, 2 wrong though the "
        "rest was right, 1 wrong, 0 no answer.",
    ),
]
AttemptId = Annotated[
    UUID,
    Field(description="Made by the client, one for every answer; the same one again is the same answer."),
]
Revision = Annotated[
    int | None,
    Field(ge=0, description="`revision` of the task as it was read; a task answered since is refused."),
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Attempt(_Request):
    attempt_id: AttemptId
    type: DrillType | None = Field(
        None, description="The drill that was answered, where it is not the task's own."
    )
    revision: Revision = None
    grade: Grade | None = Field(None, description="The learner's own grade; it counts, the measured is kept.")


class WrittenAttempt(_Attempt):
    """An answer in writing, or a grade without an answer."""

    text: Annotated[str, StringConstraints(max_length=MAX_ANSWER_CHARS)] | None = Field(
        None, examples=["He works in a bank."]
    )
    elapsed_ms: int | None = Field(
        None,
        ge=0,
        le=MAX_ELAPSED_MS,
        description="From seeing the task to the answer. Without it, a right answer is worth 4 at most.",
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.text is None and self.grade is None:
            raise ValueError("give `text`, or `grade` for an answer that was not recorded")
        return self


class SpokenAttempt(_Attempt):
    """What goes with a recording, in the query."""

    grade: Annotated[Grade | None, BeforeValidator(digit_in_query)] = None


class NewGrade(_Request):
    """The learner's own grade."""

    grade: Grade


class TrainingTask(BaseModel):
    """A card, and the drill that it is practised with today."""

    id: str = Field(description="The card's id.")
    revision: int = Field(description="How often it was answered; send it with the answer.")
    kind: CardKind
    target: str = Field(description="The rule, sound rule or skill.", examples=["AGR-HE-SHE-IT"])
    criterion: Criterion
    status: CardStatus
    title: str
    explanation: str
    explanation_uz: str | None
    type: DrillType
    types: list[DrillType] = Field(description="Drills this card can be practised with.")
    instruction: str
    instruction_uz: str
    text: str = Field(description="What the drill is about: a sentence, a question, words.")
    hint: str
    points: list[str] = Field(description="A cue card's points.")
    seconds: int | None = Field(description="How long to speak.")
    min_words: int
    answer: Literal["voice", "voice_or_text"]
    state: Literal["new", "learning", "fixed", "relapsed"]
    due: date = Field(description="The learner's day from which it may be done.")
    overdue_days: int
    errors: int = Field(description="How often exams heard the mistake.")
    relapses: int = Field(description="How often it came back after it had been drilled.")
    sources: list[str] = Field(description="Sessions that its sentences come from.")

    @classmethod
    def of(cls, task: Task) -> Self:
        """Show the task."""
        card, drill = task.card, task.drill
        return cls(
            id=str(card.id),
            revision=card.reviews,
            kind=card.kind,
            target=card.target,
            criterion=card.criterion,
            status=card.status,
            title=card.material.title,
            explanation=card.material.explanation,
            explanation_uz=card.material.explanation_uz,
            types=list(types_of(card)),
            **_drill_fields(drill),
            answer="voice" if drill.spoken_only else "voice_or_text",
            state=card.state,
            due=card.due,
            overdue_days=task.overdue_days,
            errors=card.errors,
            relapses=card.relapses,
            sources=list(dict.fromkeys(e.session_id for e in card.material.examples if e.session_id)),
        )


def _drill_fields(drill: Drill) -> dict[str, Any]:
    return {
        "type": drill.type,
        "instruction": drill.instruction,
        "instruction_uz": drill.instruction_uz,
        "text": drill.text,
        "hint": drill.hint,
        "points": list(drill.points),
        "seconds": drill.seconds,
        "min_words": drill.min_words,
    }


class TrainingTasks(BaseModel):
    """What is due now, the longest due first."""

    day: date = Field(description="The learner's day; it ends at four in the morning.")
    finished_today: int
    items: list[TrainingTask]

    @classmethod
    def of(cls, tasks: DayTasks) -> Self:
        """Show the tasks."""
        return cls(
            day=tasks.day, finished_today=tasks.finished, items=[TrainingTask.of(t) for t in tasks.tasks]
        )


class CardSchedule(BaseModel):
    """A card's place in the schedule."""

    id: str
    status: CardStatus
    due: date
    interval_days: int
    scheduler: Algorithm


class CompletedAttempt(BaseModel):
    """An answer as it was judged and booked. Sent again, it comes back the same, but for `next_due`."""

    attempt_id: str
    task_id: str
    type: str
    grade: Grade
    measured_grade: GradeValue | None = Field(description="null where nothing was measured.")
    overridden: bool = Field(description="Whether the learner's own grade counts.")
    undone: bool
    required: int = Field(description="How often the target was called for.")
    correct: int = Field(description="How often it was right.")
    reason: str = Field(description="Why this grade.", examples=["right_but_slow"])
    why: str = Field(description="Why it comes back then.")
    next_due: date
    interval_days: int
    asked: str
    understood: str | None
    better: str | None = Field(description="A right answer.")
    findings: list[dict[str, Any]] = Field(description="What else the analyzer would correct.")
    words: list[dict[str, Any]] = Field(description="Scores of the words of a known text, with sounds.")
    not_judged: list[str]
    answered_at: datetime

    @classmethod
    def of(cls, review: StoredReview) -> Self:
        """Show the attempt."""
        outcome = review.outcome
        return cls(
            attempt_id=str(review.id),
            task_id=str(review.card.id),
            type=review.drill,
            grade=review.grade,
            measured_grade=review.measured_grade,
            overridden=review.measured_grade is not None and review.grade != review.measured_grade,
            undone=review.undone,
            required=review.required,
            correct=review.correct,
            reason=outcome.get("reason", ""),
            why=outcome.get("why", ""),
            next_due=review.card.due,
            interval_days=review.card.memory.interval_days,
            asked=outcome.get("asked", ""),
            understood=outcome.get("understood"),
            better=outcome.get("better") or None,
            findings=outcome.get("findings", []),
            words=outcome.get("words", []),
            not_judged=outcome.get("not_judged", []),
            answered_at=review.created_at,
        )


class PlannedTaskView(BaseModel):
    """A drill of a planned day."""

    task_id: str
    target: str
    title: str
    criterion: Criterion
    type: DrillType
    again: bool = Field(description="It was planned for an earlier day and is expected back.")


class PlannedTalkView(BaseModel):
    """A short session of a planned day."""

    mode: TalkMode = Field(description="As POST /sessions takes it.")
    criterion: Criterion = Field(description="What it is for.")


class PlannedDayView(BaseModel):
    """A day of the plan."""

    day: date
    tasks: list[PlannedTaskView]
    minutes: int
    finished: int = Field(description="Drills that were finished on this day.")
    exam: ExamPractice | None = Field(description="A practice exam, where one is due.")
    talk: PlannedTalkView | None = Field(
        description="A short session on days without an exam, once there is an analysis."
    )

    @classmethod
    def of(cls, day: PlannedDay, finished: int) -> Self:
        """Show the day."""
        tasks = [
            PlannedTaskView(
                task_id=t.task_id,
                target=t.target,
                title=t.title,
                criterion=t.criterion,
                type=t.type,
                again=t.again,
            )
            for t in day.tasks
        ]
        talk = None if day.talk is None else PlannedTalkView(mode=day.talk.mode, criterion=day.talk.criterion)
        return cls(day=day.day, tasks=tasks, minutes=day.minutes, finished=finished, exam=day.exam, talk=talk)


class TrainingPlan(BaseModel):
    """Seven days of training."""

    starts: date
    target_band: float | None
    exam_date: date | None
    shares: dict[Criterion, float] = Field(description="What part of the week each criterion gets.")
    missed: list[date] = Field(description="Days of the plan before on which nothing was done.")
    days: list[PlannedDayView]

    @classmethod
    def of(cls, plan: WeekPlan, finished: dict[date, int]) -> Self:
        """Show the plan."""
        return cls(
            starts=plan.starts,
            target_band=plan.target_band,
            exam_date=plan.exam_date,
            shares=dict(plan.shares),
            missed=list(plan.missed),
            days=[PlannedDayView.of(day, finished.get(day.day, 0)) for day in plan.days],
        )
