"""Cards and their logs on the way out of PostgreSQL and back in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from psycopg.rows import class_row

from app.repositories.database import Connection
from app.repositories.training_cards import fetch_cards, insert_cards, logs_of, update_cards
from app.services.training_engine import Card, Grade, Scheduler, rebooked
from app.services.training_engine.store import CardLog, LoggedReview

PAGE = 200

_LOG = """
    select card_id, id, n, drill, day, grade, measured_grade, predicted, required, correct,
           undone_at is not null as undone
    from training_reviews where card_id = any(%s) order by card_id, n
"""
_INSERT = """
    insert into training_reviews (user_id, id, card_id, n, drill, day, grade, measured_grade, predicted,
                                  required, correct, undone_at)
    values (%(user_id)s, %(id)s, %(card_id)s, %(n)s, %(drill)s, %(day)s, %(grade)s, %(measured_grade)s,
            %(predicted)s, %(required)s, %(correct)s, case when %(undone)s then now() end)
    on conflict (user_id, id) do nothing
"""
_LENGTHS = "select card_id, count(*), max(n) from training_reviews where card_id = any(%s) group by card_id"


@dataclass(frozen=True, slots=True)
class _Row:
    card_id: UUID
    id: UUID
    n: int
    drill: str
    day: date
    grade: Grade
    measured_grade: Grade | None
    predicted: float | None
    required: int
    correct: int
    undone: bool

    def logged(self) -> LoggedReview:
        return LoggedReview(
            self.id,
            self.drill,
            self.day,
            self.grade,
            self.measured_grade,
            self.predicted,
            self.required,
            self.correct,
            self.undone,
        )


async def page_of(connection: Connection, user_id: UUID, after: str) -> list[CardLog]:
    """Return the next cards behind the target `after`, each with its whole log; [] at the end."""
    cards = await fetch_cards(
        connection, "user_id = %s and target > %s order by target limit %s", (user_id, after, PAGE)
    )
    cursor = connection.cursor(row_factory=class_row(_Row))
    await cursor.execute(_LOG, ([card.id for card in cards],))
    logs: dict[UUID, list[LoggedReview]] = {}
    for row in await cursor.fetchall():
        logs.setdefault(row.card_id, []).append(row.logged())
    return [CardLog(card, logs.get(card.id, [])) for card in cards]


async def add(
    connection: Connection, user_id: UUID, cards: Sequence[CardLog], scheduler: Scheduler, *, today: date
) -> tuple[int, int]:
    """Add cards and reviews that are not there yet; return how many of each.

    A card of a target that the learner has keeps its own material and gets the reviews it lacks, behind its
    own; its schedule is replayed from the log.
    """
    added_cards = added_reviews = 0
    merged = _by_target(user_id, cards)
    for start in range(0, len(merged), PAGE):
        page = merged[start : start + PAGE]
        made, booked = await _add_page(connection, user_id, page, scheduler, today=today)
        added_cards += made
        added_reviews += booked
    return added_cards, added_reviews


def _by_target(user_id: UUID, cards: Sequence[CardLog]) -> list[CardLog]:
    """Return one card for each target, with all the answers that the document has for it."""
    first: dict[str, Card] = {}
    reviews: dict[str, list[LoggedReview]] = {}
    for imported in cards:
        target = imported.card.target
        first.setdefault(target, replace(imported.card, id=uuid5(user_id, target), user_id=user_id))
        reviews.setdefault(target, []).extend(imported.reviews)
    return [CardLog(first[target], reviews[target]) for target in sorted(first)]


async def _add_page(
    connection: Connection, user_id: UUID, page: Sequence[CardLog], scheduler: Scheduler, *, today: date
) -> tuple[int, int]:
    targets = [log.card.target for log in page]
    before = await _stored(connection, user_id, targets)
    made = await insert_cards(connection, [log.card for log in page if log.card.target not in before])
    stored = await _stored(connection, user_id, targets)
    lengths = await _lengths(connection, stored.values())
    rows = [
        _review_row(user_id, card_id, lengths.get(card_id, (0, 0))[1] + place, review)
        for log in page
        for card_id in (stored[log.card.target].id,)
        for place, review in enumerate(log.reviews, start=1)
    ]
    booked = 0
    if rows:
        async with connection.cursor() as cursor:
            await cursor.executemany(_INSERT, rows)
            booked = max(0, cursor.rowcount)
    grown = await _lengths(connection, stored.values()) if booked else lengths
    added_to = [
        card
        for target, card in stored.items()
        if target not in before or grown.get(card.id) != lengths.get(card.id)
    ]
    logs = await logs_of(connection, [card.id for card in added_to])
    again = [(card, rebooked(card, logs.get(card.id, []), scheduler, today=today)) for card in added_to]
    await update_cards(connection, [later for card, later in again if later != card])
    return made, booked


async def _stored(connection: Connection, user_id: UUID, targets: Sequence[str]) -> dict[str, Card]:
    cards = await fetch_cards(
        connection, "user_id = %s and target = any(%s) order by target for update", (user_id, list(targets))
    )
    return {card.target: card for card in cards}


async def _lengths(connection: Connection, cards: Iterable[Card]) -> dict[UUID, tuple[int, int]]:
    """Return how many reviews each card has that has any, and the place of the last one."""
    cursor = await connection.execute(_LENGTHS, ([card.id for card in cards],))
    return {card_id: (count, last) for card_id, count, last in await cursor.fetchall()}


def _review_row(user_id: UUID, card_id: UUID, n: int, review: LoggedReview) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "card_id": card_id,
        "n": n,
        "id": review.id,
        "drill": review.drill,
        "day": review.day,
        "grade": review.grade,
        "measured_grade": review.measured_grade,
        "predicted": review.predicted,
        "required": review.required,
        "correct": review.correct,
        "undone": review.undone,
    }
