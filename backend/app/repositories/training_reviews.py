"""The log of training reviews in PostgreSQL: stored once, undone, graded again."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from app.repositories.database import Connection
from app.repositories.jsonb import jsonb
from app.repositories.training_cards import fetch_cards, log_of, next_n, update_card
from app.services.training_engine import Card, Grade, Review, Scheduler, book, rebooked, why
from app.services.training_engine.store import (
    AttemptIdTaken,
    AttemptNotFound,
    NewReview,
    NotTheLastReview,
    StoredReview,
    TaskChanged,
    TaskNotDue,
    TaskNotFound,
    TaskSuspended,
)

_COLUMNS = """
    id, card_id, n, drill, day, grade, measured_grade, predicted, required, correct, outcome,
    undone_at is not null as undone, created_at
"""
_READ = f"select {_COLUMNS} from training_reviews where user_id = %s and id = %s"
_INSERT = f"""
    insert into training_reviews (user_id, id, card_id, n, drill, day, grade, measured_grade, predicted,
                                  required, correct, pace_ms, outcome)
    values (%(user_id)s, %(id)s, %(card_id)s, %(n)s, %(drill)s, %(day)s, %(grade)s, %(measured_grade)s,
            %(predicted)s, %(required)s, %(correct)s, %(pace_ms)s, %(outcome)s)
    on conflict (user_id, id) do nothing
    returning {_COLUMNS}
"""
_LAST = "select id from training_reviews where card_id = %s and undone_at is null order by n desc limit 1"
_UNDO = "update training_reviews set undone_at = %s where user_id = %s and id = %s"
_REGRADE = "update training_reviews set grade = %s, outcome = %s where user_id = %s and id = %s"


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    card_id: UUID
    n: int
    drill: str
    day: date
    grade: Grade
    measured_grade: Grade | None
    predicted: float | None
    required: int
    correct: int
    outcome: dict[str, Any]
    undone: bool
    created_at: datetime

    def stored(self, card: Card) -> StoredReview:
        return StoredReview(
            id=self.id,
            card=card,
            drill=self.drill,
            day=self.day,
            grade=self.grade,
            measured_grade=self.measured_grade,
            required=self.required,
            correct=self.correct,
            predicted=self.predicted,
            outcome=self.outcome,
            undone=self.undone,
            created_at=self.created_at,
        )


async def card_of(connection: Connection, user_id: UUID, card_id: UUID, *, lock: bool = False) -> Card:
    """Return the card. Raises TaskNotFound."""
    held = " for update" if lock else ""
    cards = await fetch_cards(connection, f"user_id = %s and id = %s{held}", (user_id, card_id))
    if not cards:
        raise TaskNotFound
    return cards[0]


async def stored_review(connection: Connection, user_id: UUID, review_id: UUID) -> StoredReview | None:
    """Return the review with its card, or None."""
    row = await _row(connection, user_id, review_id)
    return None if row is None else row.stored(await card_of(connection, user_id, row.card_id))


async def record_review(
    connection: Connection, user_id: UUID, review: NewReview, scheduler: Scheduler, *, seen_reviews: int
) -> StoredReview:
    """Store a review and its card's new schedule, or return what is stored under its id.

    The card is locked, so that answers to it are booked one after the other. Raises TaskNotFound,
    TaskSuspended, TaskNotDue, TaskChanged, AttemptIdTaken.
    """
    card = await card_of(connection, user_id, review.card_id, lock=True)
    if (known := await _row(connection, user_id, review.id)) is not None:
        return _same_task(known, review).stored(card)
    if card.status == "suspended":
        raise TaskSuspended
    if card.due > review.day:
        raise TaskNotDue(card.due)
    if card.reviews != seen_reviews:
        raise TaskChanged
    switched = card.memory.algorithm != scheduler.algorithm
    earlier = await log_of(connection, card.id) if switched else []
    booked = book(card, earlier, scheduler, Review(review.day, review.grade))
    told = {**review.outcome, "why": why(booked.card.memory, review.grade)}
    cursor = connection.cursor(row_factory=class_row(_Row))
    await cursor.execute(
        _INSERT,
        {
            "user_id": user_id,
            "id": review.id,
            "card_id": card.id,
            "n": await next_n(connection, card.id),
            "drill": review.drill,
            "day": review.day,
            "grade": review.grade,
            "measured_grade": review.measured_grade,
            "predicted": booked.predicted,
            "required": review.required,
            "correct": review.correct,
            "pace_ms": review.pace_ms,
            "outcome": jsonb(told),
        },
    )
    row = await cursor.fetchone()
    if row is None:  # the same id, at the same moment, for a card that is not locked here
        raise AttemptIdTaken
    await update_card(connection, booked.card)
    return row.stored(booked.card)


async def undo_review(
    connection: Connection, user_id: UUID, review_id: UUID, scheduler: Scheduler, *, at: datetime, today: date
) -> StoredReview:
    """Take the card's last review back. Raises AttemptNotFound, NotTheLastReview."""
    row, card = await _locked(connection, user_id, review_id)
    if row.undone:
        return row.stored(card)
    await _must_be_last(connection, row)
    await connection.execute(_UNDO, (at, user_id, review_id))
    again = rebooked(card, await log_of(connection, card.id), scheduler, today=today)
    await update_card(connection, again)
    return replace(row, undone=True).stored(again)


async def regrade_review(
    connection: Connection,
    user_id: UUID,
    review_id: UUID,
    grade: Grade,
    scheduler: Scheduler,
    *,
    today: date,
) -> StoredReview:
    """Let another grade of the card's last review count. Raises AttemptNotFound, NotTheLastReview."""
    row, card = await _locked(connection, user_id, review_id)
    if row.undone:
        raise NotTheLastReview
    await _must_be_last(connection, row)
    log = await log_of(connection, card.id)
    again = rebooked(card, [*log[:-1], replace(log[-1], grade=grade)], scheduler, today=today)
    told = {**row.outcome, "why": why(again.memory, grade)}
    await connection.execute(_REGRADE, (grade, jsonb(told), user_id, review_id))
    await update_card(connection, again)
    return replace(row, grade=grade, outcome=told).stored(again)


async def _row(connection: Connection, user_id: UUID, review_id: UUID) -> _Row | None:
    cursor = connection.cursor(row_factory=class_row(_Row))
    await cursor.execute(_READ, (user_id, review_id))
    return await cursor.fetchone()


async def _locked(connection: Connection, user_id: UUID, review_id: UUID) -> tuple[_Row, Card]:
    """Return the review as it is once its card is locked."""
    found = await _row(connection, user_id, review_id)
    if found is None:
        raise AttemptNotFound
    card = await card_of(connection, user_id, found.card_id, lock=True)
    row = await _row(connection, user_id, review_id)
    if row is None:
        raise AttemptNotFound
    return row, card


async def _must_be_last(connection: Connection, row: _Row) -> None:
    last = await (await connection.execute(_LAST, (row.card_id,))).fetchone()
    if last is None or last[0] != row.id:
        raise NotTheLastReview


def _same_task(known: _Row, review: NewReview) -> _Row:
    if known.card_id != review.card_id:
        raise AttemptIdTaken
    return known
