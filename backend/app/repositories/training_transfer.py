"""Cards and their logs on the way out of PostgreSQL and back in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID, uuid5

from psycopg.rows import class_row

from app.repositories.database import Connection
from app.repositories.training_cards import fetch_cards, insert_card, log_of, next_n, update_card
from app.services.training_engine import Grade, Scheduler, rebooked
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
    for imported in sorted(cards, key=lambda c: c.card.target):
        target = imported.card.target
        fresh = replace(imported.card, id=uuid5(user_id, target), user_id=user_id)
        is_new = await insert_card(connection, fresh)
        added_cards += is_new
        (card,) = await fetch_cards(connection, "user_id = %s and target = %s for update", (user_id, target))
        n = await next_n(connection, card.id)
        async with connection.cursor() as cursor:
            await cursor.executemany(
                _INSERT,
                [
                    {
                        "user_id": user_id,
                        "card_id": card.id,
                        "n": n + place,
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
                    for place, review in enumerate(imported.reviews)
                ],
            )
            added = max(0, cursor.rowcount)
        added_reviews += added
        if is_new or added:
            log = await log_of(connection, card.id)
            await update_card(connection, rebooked(card, log, scheduler, today=today))
    return added_cards, added_reviews
