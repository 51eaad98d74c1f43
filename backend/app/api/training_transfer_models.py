"""Training as a document that can be taken along."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, StringConstraints, model_validator

from app.api.fields import Day, no_boolean
from app.services.hybrid_analyzer import Criterion
from app.services.training_engine import Card, CardKind, CardStatus, Example, Material, Sm2
from app.services.training_engine.memory import Grade as GradeValue
from app.services.training_engine.store import CardLog, LoggedReview

MAX_CARDS = 5_000
MAX_REVIEWS = 2_000
"""Of one card."""

Grade = Annotated[GradeValue, BeforeValidator(no_boolean)]
Line = Annotated[str, StringConstraints(max_length=1_000)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ExampleTransfer(_Part):
    """A sentence with its correction."""

    said: Line
    better: Line
    quote: Line
    correction: Line
    said_at: int = Field(0, ge=0, le=1_000)
    better_at: int = Field(0, ge=0, le=1_000)
    session_id: Annotated[str, StringConstraints(max_length=64)] | None = None
    finding_id: Annotated[str, StringConstraints(max_length=64)] | None = None


class ReviewTransfer(_Part):
    """An answer as it was booked."""

    id: Annotated[UUID, Strict(False)]
    drill: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,32}$")]
    day: Day = Field(ge=date(2000, 1, 1), le=date(2100, 1, 1))
    grade: Grade
    measured_grade: Grade | None = None
    predicted: float | None = Field(None, ge=0, le=1)
    required: int = Field(0, ge=0, le=1_000)
    correct: int = Field(0, ge=0, le=1_000)
    undone: bool = False

    @model_validator(mode="after")
    def _no_more_right_than_asked(self) -> Self:
        if self.correct > self.required:
            raise ValueError("correct must not be greater than required")
        return self


class CardTransfer(_Part):
    """A card with its answers, oldest first."""

    target: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9:_.-]{1,100}$")]
    kind: CardKind
    criterion: Criterion
    status: CardStatus = "active"
    title: Line
    explanation: Annotated[str, StringConstraints(max_length=4_000)]
    explanation_uz: Annotated[str, StringConstraints(max_length=4_000)] | None = None
    category: Annotated[str, StringConstraints(max_length=64)] = ""
    examples: list[ExampleTransfer] = Field(default=[], max_length=20)
    pairs: list[Annotated[tuple[Line, Line], Strict(False)]] = Field(default=[], max_length=50)
    weight: float = Field(1.0, ge=0, le=1_000)
    errors: int = Field(0, ge=0, le=1_000_000)
    relapses: int = Field(0, ge=0, le=1_000_000)
    reviews: list[ReviewTransfer] = Field(default=[], max_length=MAX_REVIEWS)

    @classmethod
    def of(cls, log: CardLog) -> Self:
        """Return the card as a document."""
        card, material = log.card, log.card.material
        return cls(
            target=card.target,
            kind=card.kind,
            criterion=card.criterion,
            status=card.status,
            title=material.title,
            explanation=material.explanation,
            explanation_uz=material.explanation_uz,
            category=material.category,
            examples=[
                ExampleTransfer(
                    said=e.said,
                    better=e.better,
                    quote=e.quote,
                    correction=e.correction,
                    said_at=e.said_at,
                    better_at=e.better_at,
                    session_id=e.session_id,
                    finding_id=e.finding_id,
                )
                for e in material.examples
            ],
            pairs=list(material.pairs),
            weight=card.weight,
            errors=card.errors,
            relapses=card.relapses,
            reviews=[
                ReviewTransfer(
                    id=r.id,
                    drill=r.drill,
                    day=r.day,
                    grade=r.grade,
                    measured_grade=r.measured_grade,
                    predicted=r.predicted,
                    required=r.required,
                    correct=r.correct,
                    undone=r.undone,
                )
                for r in log.reviews
            ],
        )

    def log(self, user_id: UUID, today: date) -> CardLog:
        """Return the card as it is stored; its schedule is made from its answers."""
        card = Card(
            id=user_id,  # replaced when it is stored: a card's id follows from its learner and target
            user_id=user_id,
            target=self.target,
            kind=self.kind,
            criterion=self.criterion,
            status=self.status,
            material=Material(
                self.title,
                self.explanation,
                self.explanation_uz,
                self.category,
                tuple(Example(**e.model_dump()) for e in self.examples),
                tuple(self.pairs),
            ),
            memory=Sm2().new(),
            due=today,
            weight=self.weight,
            errors=self.errors,
            relapses=self.relapses,
        )
        return CardLog(card, [LoggedReview(**r.model_dump()) for r in self.reviews])


class TrainingTransfer(_Part):
    """All of a learner's training."""

    version: Annotated[Literal[1], BeforeValidator(no_boolean)] = 1
    cards: list[CardTransfer] = Field(max_length=MAX_CARDS)


class Imported(BaseModel):
    """What was added."""

    cards: int
    reviews: int
