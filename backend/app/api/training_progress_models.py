"""Progress of training as the API gives it."""

from typing import Literal, Self

from pydantic import BaseModel, Field

from app.services.hybrid_analyzer import Criterion
from app.services.training_engine import CardKind
from app.services.training_engine.progress import WINDOW_DAYS, Progress, RuleStanding


class CriterionProgress(BaseModel):
    """The cards of a criterion."""

    criterion: Criterion
    cards: int
    fixed: int = Field(description="Right, and not due again for three weeks or more.")
    relapsed: int = Field(
        description="Came back in an exam after they had been drilled, and not fixed since."
    )


class RuleProgressView(BaseModel):
    """A rule, sound or skill."""

    target: str
    kind: CardKind
    criterion: Criterion
    title: str
    state: Literal["new", "learning", "fixed", "relapsed"]
    required: int = Field(description="How often drills called for it.")
    correct: int = Field(description="How often it was right then.")
    errors: int = Field(description="How often exams heard it wrong, ever.")
    relapses: int
    reviews: int
    interval_days: int

    @classmethod
    def of(cls, standing: RuleStanding) -> Self:
        """Show it."""
        rule = standing.rule
        return cls(
            target=rule.target,
            kind=rule.kind,
            criterion=rule.criterion,
            title=rule.title,
            state=standing.state,
            required=rule.required,
            correct=rule.correct,
            errors=rule.errors,
            relapses=rule.relapses,
            reviews=rule.reviews,
            interval_days=rule.memory.interval_days,
        )


class RetentionView(BaseModel):
    """Answers to tasks met before, held against what the scheduler expected."""

    reviews: int
    actual: float | None = Field(description="The share that was right, 0-1.")
    predicted: float | None = Field(description="The share that was expected, 0-1.")
    verdict: Literal["as_predicted", "better", "worse"] | None = Field(
        description="null while there are too few answers to tell."
    )


class TrainingProgress(BaseModel):
    """How far the learner is."""

    window_days: int = Field(description="Uses and retention are counted over so many days.")
    criteria: list[CriterionProgress]
    rules: list[RuleProgressView] = Field(description="The weightiest first, at most 200.")
    retention: RetentionView
    streak_days: int
    longest_streak_days: int

    @classmethod
    def of(cls, progress: Progress) -> Self:
        """Show it."""
        retention = progress.retention
        return cls(
            window_days=WINDOW_DAYS,
            criteria=[
                CriterionProgress(criterion=c.criterion, cards=c.cards, fixed=c.fixed, relapsed=c.relapsed)
                for c in progress.criteria
            ],
            rules=[RuleProgressView.of(rule) for rule in progress.rules],
            retention=RetentionView(
                reviews=retention.reviews,
                actual=retention.actual,
                predicted=retention.predicted,
                verdict=progress.retention_verdict,
            ),
            streak_days=progress.streak_days,
            longest_streak_days=progress.longest_streak_days,
        )
