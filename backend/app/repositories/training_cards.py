"""Training cards in PostgreSQL: the row, and the cards that a session's mistakes make or change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

from psycopg.rows import class_row

from app.repositories.database import Connection
from app.repositories.jsonb import jsonb, storable_text
from app.services.hybrid_analyzer import Criterion
from app.services.training_engine import (
    Algorithm,
    Card,
    CardKind,
    CardStatus,
    Grade,
    LearnerDay,
    Material,
    Memory,
    Review,
    Weakness,
    book,
    heard_again,
    new_card,
    scheduler_named,
)

EXAM_DRILL = "exam"
"""The `drill` of a review that an exam made: the mistake came back."""
_RELAPSE_GRADE: Grade = 1

CARD_COLUMNS = """
    id, user_id, target, kind, criterion, status, material, memory, due, reviews, weight, errors, relapses,
    last_error_at
"""
_INSERT = """
    insert into training_cards (id, user_id, target, kind, criterion, status, material, memory, due,
                                interval_days, reviews, weight, errors, relapses, last_error_at)
    values (%(id)s, %(user_id)s, %(target)s, %(kind)s, %(criterion)s, %(status)s, %(material)s, %(memory)s,
            %(due)s, %(interval_days)s, %(reviews)s, %(weight)s, %(errors)s, %(relapses)s, %(last_error_at)s)
    on conflict (user_id, target) do nothing
"""
_UPDATE = """
    update training_cards
    set status = %(status)s, material = %(material)s, memory = %(memory)s, due = %(due)s,
        interval_days = %(interval_days)s, reviews = %(reviews)s, weight = %(weight)s, errors = %(errors)s,
        relapses = %(relapses)s, last_error_at = %(last_error_at)s
    where id = %(id)s and user_id = %(user_id)s
"""
_SOURCE = """
    insert into training_sources (session_id, user_id) values (%s, %s) on conflict (session_id) do nothing
"""
_RELAPSE = f"""
    insert into training_reviews (user_id, id, card_id, n, drill, day, grade, predicted, required)
    values (%(user_id)s, %(id)s, %(card_id)s, %(n)s, '{EXAM_DRILL}', %(day)s, {_RELAPSE_GRADE},
            %(predicted)s, 1)
"""
_LOG = "select day, grade from training_reviews where card_id = %s and undone_at is null order by n"
_LOGS = """
    select card_id, day, grade from training_reviews
    where card_id = any(%s) and undone_at is null order by card_id, n
"""
NEXT_N = "select coalesce(max(n), 0) + 1 from training_reviews where card_id = %s"


@dataclass(frozen=True, slots=True)
class CardRow:
    """A row of training_cards."""

    id: UUID
    user_id: UUID
    target: str
    kind: CardKind
    criterion: Criterion
    status: CardStatus
    material: dict[str, Any]
    memory: dict[str, Any]
    due: date
    reviews: int
    weight: float
    errors: int
    relapses: int
    last_error_at: datetime | None

    def card(self) -> Card:
        """Read it. Raises DamagedCard and DamagedMemory."""
        return Card(
            id=self.id,
            user_id=self.user_id,
            target=self.target,
            kind=self.kind,
            criterion=self.criterion,
            status=self.status,
            material=Material.from_json(self.material),
            memory=Memory.from_json(self.memory),
            due=self.due,
            reviews=self.reviews,
            weight=self.weight,
            errors=self.errors,
            relapses=self.relapses,
            last_error_at=self.last_error_at,
        )


async def fetch_cards(connection: Connection, where: str, values: Any) -> list[Card]:
    """Return the cards that `where`, a condition and an order of ours, selects."""
    cursor = connection.cursor(row_factory=class_row(CardRow))
    await cursor.execute(f"select {CARD_COLUMNS} from training_cards where {where}".encode(), values)
    return [row.card() for row in await cursor.fetchall()]


async def insert_card(connection: Connection, card: Card) -> bool:
    """Store a new card; False when the learner has one of this target."""
    cursor = await connection.execute(_INSERT, _row(card))
    return cursor.rowcount == 1


async def update_card(connection: Connection, card: Card) -> None:
    """Store a changed card."""
    await connection.execute(_UPDATE, _row(card))


async def insert_cards(connection: Connection, cards: Sequence[Card]) -> int:
    """Store new cards, at once; return how many, for the learner may have some of their targets."""
    async with connection.cursor() as cursor:
        await cursor.executemany(_INSERT, [_row(card) for card in cards])
        return max(0, cursor.rowcount)


async def update_cards(connection: Connection, cards: Sequence[Card]) -> None:
    """Store changed cards, at once."""
    async with connection.cursor() as cursor:
        await cursor.executemany(_UPDATE, [_row(card) for card in cards])


async def logs_of(connection: Connection, card_ids: Sequence[UUID]) -> dict[UUID, list[Review]]:
    """Return the reviews that count of each card that has any, oldest first."""
    logs: dict[UUID, list[Review]] = {}
    for card_id, day, grade in await (await connection.execute(_LOGS, (list(card_ids),))).fetchall():
        logs.setdefault(card_id, []).append(Review(day, grade))
    return logs


async def log_of(connection: Connection, card_id: UUID) -> list[Review]:
    """Return the card's reviews that count, oldest first."""
    cursor = connection.cursor(row_factory=class_row(Review))
    await cursor.execute(_LOG, (card_id,))
    return await cursor.fetchall()


async def next_n(connection: Connection, card_id: UUID) -> int:
    """Return the place of the card's next review in its log."""
    row = await (await connection.execute(NEXT_N, (card_id,))).fetchone()
    return 1 if row is None else int(row[0])


async def absorb_session(
    connection: Connection, user_id: UUID, session_id: UUID, found: Sequence[Weakness]
) -> None:
    """Make or change the learner's cards by what a session showed; a session counts once.

    A mistake that comes back after it was drilled is a failed review of its card, of the exam's own.
    """
    if (await connection.execute(_SOURCE, (session_id, user_id))).rowcount == 0:
        return
    row = await (
        await connection.execute("select time_zone, scheduler from profiles where id = %s", (user_id,))
    ).fetchone()
    if row is None:
        return
    zone: str = row[0]
    algorithm: Algorithm = row[1]
    scheduler, now = scheduler_named(algorithm), datetime.now(UTC)
    day = LearnerDay.or_usual(zone).of(now)
    for weakness in sorted(found, key=lambda w: w.target):
        fresh = new_card(
            uuid5(user_id, weakness.target), user_id, weakness, scheduler=scheduler, day=day, at=now
        )
        if await insert_card(connection, fresh):
            continue
        (card,) = await fetch_cards(
            connection, "user_id = %s and target = %s for update", (user_id, weakness.target)
        )
        changed = heard_again(card, weakness, at=now)
        if changed.relapses > card.relapses:
            earlier = await log_of(connection, card.id)
            booked = book(changed, earlier, scheduler, Review(day, _RELAPSE_GRADE))
            await connection.execute(
                _RELAPSE,
                {
                    "user_id": user_id,
                    "id": uuid5(card.id, str(session_id)),
                    "card_id": card.id,
                    "n": await next_n(connection, card.id),
                    "day": day,
                    "predicted": booked.predicted,
                },
            )
            changed = booked.card
        await update_card(connection, changed)


def _row(card: Card) -> dict[str, Any]:
    return {
        "id": card.id,
        "user_id": card.user_id,
        "target": storable_text(card.target),
        "kind": card.kind,
        "criterion": card.criterion,
        "status": card.status,
        "material": jsonb(card.material.to_json()),
        "memory": jsonb(card.memory.to_json()),
        "due": card.due,
        "interval_days": card.memory.interval_days,
        "reviews": card.reviews,
        "weight": card.weight,
        "errors": card.errors,
        "relapses": card.relapses,
        "last_error_at": card.last_error_at,
    }
