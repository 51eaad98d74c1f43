"""What training keeps in the database, and the port it keeps it through."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from app.services.hybrid_analyzer import Criterion
from app.services.training_engine.cards import Card, CardKind
from app.services.training_engine.memory import Algorithm, Grade, Memory, Scheduler


class TaskNotFound(Exception):
    """The learner has no such card."""


class TaskNotDue(Exception):
    """The card was answered, and comes back on `due`."""

    def __init__(self, due: date) -> None:
        super().__init__(f"due on {due.isoformat()}")
        self.due = due


class TaskSuspended(Exception):
    """The learner has put the card aside."""


class TaskChanged(Exception):
    """The card was answered since it was shown: the answer belongs to an earlier drill."""


class AttemptIdTaken(Exception):
    """The learner has used this attempt id for another task."""


class AttemptNotFound(Exception):
    """The learner has no such attempt."""


class NotTheLastReview(Exception):
    """A later review of the same card counts: only the last one can be undone or regraded."""


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """What the learner's profile says about training."""

    time_zone: str
    scheduler: Algorithm
    target_band: float | None
    exam_date: date | None


@dataclass(frozen=True, slots=True)
class NewReview:
    """A graded answer to be stored.

    `grade` counts; `measured_grade` is what the judgement alone would give, None when nothing was judged.
    `required` is how often the target was called for, `correct` how often it was right. `pace_ms` is the time
    a word took. `outcome` is what the learner was told.
    """

    id: UUID
    card_id: UUID
    drill: str
    day: date
    grade: Grade
    measured_grade: Grade | None
    required: int
    correct: int
    pace_ms: int | None
    outcome: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredReview:
    """A review as stored, with the card as it is now; `undone` reviews count for nothing."""

    id: UUID
    card: Card
    drill: str
    day: date
    grade: Grade
    measured_grade: Grade | None
    required: int
    correct: int
    predicted: float | None
    outcome: dict[str, Any]
    undone: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Opening:
    """What is there when an answer comes: the review of its id, if it is known, and the card.

    `paces` are the milliseconds a word of the learner's latest right answers took, newest first.
    """

    settings: TrainingSettings
    known: StoredReview | None
    card: Card | None
    paces: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class DayLoad:
    """The cards that may be drilled now, the most urgent first, and how many were finished on this day."""

    cards: Sequence[Card]
    finished: int


@dataclass(frozen=True, slots=True)
class LoggedReview:
    """A review as exported: `day` is the learner's."""

    id: UUID
    drill: str
    day: date
    grade: Grade
    measured_grade: Grade | None
    predicted: float | None
    required: int
    correct: int
    undone: bool


@dataclass(frozen=True, slots=True)
class CardLog:
    """A card with its whole log."""

    card: Card
    reviews: Sequence[LoggedReview] = ()


@dataclass(frozen=True, slots=True)
class RuleProgress:
    """One card's row of the progress; uses are those of drills in the time looked at."""

    target: str
    kind: CardKind
    criterion: Criterion
    title: str
    memory: Memory
    reviews: int
    errors: int
    relapses: int
    required: int
    correct: int


@dataclass(frozen=True, slots=True)
class CriterionCount:
    """How many cards a criterion has, and how many of them are fixed or came back."""

    criterion: Criterion
    cards: int
    fixed: int
    relapsed: int


@dataclass(frozen=True, slots=True)
class Retention:
    """Answers to cards seen before: how many, the share that was right, and the share that was expected."""

    reviews: int
    actual: float | None
    predicted: float | None


@dataclass(frozen=True, slots=True)
class ProgressFigures:
    """What progress is told from. `days` are the days with reviews, newest first."""

    criteria: Sequence[CriterionCount]
    rules: Sequence[RuleProgress]
    retention: Retention
    days: Sequence[date]


@dataclass(frozen=True, slots=True)
class BandOfCriterion:
    """The learner's newest band of a criterion."""

    criterion: Criterion
    band: float | None


@dataclass(frozen=True, slots=True)
class PlanMaterial:
    """What a week is planned from: for each criterion the most urgent cards, and the newest bands."""

    cards: Sequence[Card]
    bands: Sequence[BandOfCriterion] = field(default=())


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """The learner's week plan as it was stored, and the session whose analysis is the newest."""

    plan: dict[str, Any] | None
    analysed: UUID | None


class TrainingStore(Protocol):
    """The cards, reviews and plans of learners, each seen as their owner."""

    async def settings(self, user_id: UUID) -> TrainingSettings:
        """Return what the profile says. Raises UnknownUser."""
        ...

    async def due(self, user_id: UUID, day: date, *, limit: int, kinds: Collection[CardKind]) -> DayLoad:
        """Return at most `limit` active cards of these kinds that are due on `day`."""
        ...

    async def card(self, user_id: UUID, card_id: UUID) -> Card | None:
        """Return the card, or None."""
        ...

    async def opening(self, user_id: UUID, card_id: UUID, review_id: UUID) -> Opening:
        """Return what an answer is judged and booked with. Raises UnknownUser."""
        ...

    async def record(
        self, user_id: UUID, review: NewReview, scheduler: Scheduler, *, seen_reviews: int
    ) -> StoredReview:
        """Store a review and its card's new schedule in one transaction.

        A review that is already stored is returned as it is. Raises TaskNotFound, TaskSuspended, TaskNotDue,
        AttemptIdTaken; TaskChanged when the card was reviewed since it had `seen_reviews`.
        """
        ...

    async def postpone(self, user_id: UUID, card_id: UUID, until: date) -> Card:
        """Let the card rest until that day; its memory stays. Raises TaskNotFound."""
        ...

    async def suspend(self, user_id: UUID, card_id: UUID, *, suspended: bool) -> Card:
        """Put the card aside, or take it back. Raises TaskNotFound."""
        ...

    async def regrade(
        self, user_id: UUID, review_id: UUID, grade: Grade, scheduler: Scheduler, *, today: date
    ) -> StoredReview:
        """Let another grade count; the measured one is kept. Raises AttemptNotFound, NotTheLastReview."""
        ...

    async def undo(
        self, user_id: UUID, review_id: UUID, scheduler: Scheduler, *, at: datetime, today: date
    ) -> StoredReview:
        """Take a review back; repeating it changes nothing. Raises AttemptNotFound, NotTheLastReview."""
        ...

    async def reschedule(self, user_id: UUID, scheduler: Scheduler, *, today: date, limit: int) -> int:
        """Replay the log of up to `limit` cards that another scheduler keeps; return how many there were."""
        ...

    async def progress(self, user_id: UUID, *, since: date) -> ProgressFigures:
        """Return figures of the reviews since that day, and of every card."""
        ...

    async def plan_material(self, user_id: UUID, *, until: date, per_criterion: int) -> PlanMaterial:
        """Return what a week is planned from: cards due until that day."""
        ...

    async def plan(self, user_id: UUID) -> StoredPlan:
        """Return the stored plan, if there is one, and what was analysed last."""
        ...

    async def put_plan(self, user_id: UUID, starts: date, plan: dict[str, Any]) -> None:
        """Store the plan in place of the one before."""
        ...

    async def finished_by_day(self, user_id: UUID, since: date) -> dict[date, int]:
        """Return how many cards were reviewed on each day since then."""
        ...

    async def unfixed(self, user_id: UUID, *, limit: int) -> Sequence[Card]:
        """Return the weightiest rule cards that are not fixed."""
        ...

    def export(self, user_id: UUID) -> AsyncIterator[CardLog]:
        """Yield every card with its log."""
        ...

    async def import_cards(
        self, user_id: UUID, cards: Sequence[CardLog], scheduler: Scheduler, *, today: date
    ) -> tuple[int, int]:
        """Add what is not there yet; return how many cards and reviews were added."""
        ...
