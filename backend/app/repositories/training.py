"""Training in PostgreSQL, as its learner."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from app.repositories import training_progress as figures
from app.repositories import training_transfer as transfer
from app.repositories.database import Connection, Database
from app.repositories.jsonb import jsonb
from app.repositories.training_cards import fetch_cards, log_of, update_card
from app.repositories.training_reviews import (
    card_of,
    record_review,
    regrade_review,
    stored_review,
    undo_review,
)
from app.services.accounts import UnknownUser
from app.services.training_engine import Card, CardKind, Grade, Scheduler, rebooked
from app.services.training_engine.cards import FIXED_DAYS
from app.services.training_engine.store import (
    CardLog,
    DayLoad,
    NewReview,
    Opening,
    PlanMaterial,
    ProgressFigures,
    StoredPlan,
    StoredReview,
    TaskNotFound,
    TrainingSettings,
)

_SETTINGS = "select time_zone, scheduler, target_band::float8, exam_date from profiles where id = %s"
_DUE = """
    user_id = %(user_id)s and status = 'active' and due <= %(day)s and kind = any(%(kinds)s)
    order by due, weight desc, id limit %(limit)s
"""
_FINISHED = """
    select count(distinct r.card_id) from training_reviews r join training_cards c on c.id = r.card_id
    where r.user_id = %(user_id)s and r.day = %(day)s and r.undone_at is null and r.drill <> 'exam'
      and c.due > %(day)s
"""
_PACES = """
    select pace_ms from training_reviews
    where user_id = %s and undone_at is null and pace_ms is not null order by created_at desc limit 20
"""
_BY_DAY = """
    select day, count(distinct card_id) from training_reviews
    where user_id = %s and day >= %s and undone_at is null and drill <> 'exam' group by day
"""
_PLAN = """
    select (select plan from training_plans where user_id = %(user_id)s) as plan,
           (select session_id from analyses where user_id = %(user_id)s
            order by created_at desc, session_id limit 1) as analysed
"""
_PUT_PLAN = """
    insert into training_plans (user_id, starts, plan) values (%(user_id)s, %(starts)s, %(plan)s)
    on conflict (user_id) do update set starts = excluded.starts, plan = excluded.plan, made_at = now()
"""


class PostgresTraining:
    """TrainingStore over PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def settings(self, user_id: UUID) -> TrainingSettings:
        """Return what the profile says. Raises UnknownUser."""
        async with self._database.as_user(user_id) as connection:
            return await _settings(connection, user_id)

    async def due(self, user_id: UUID, day: date, *, limit: int, kinds: Collection[CardKind]) -> DayLoad:
        """Return at most `limit` active cards of these kinds that are due on `day`, the longest due first."""
        values = {"user_id": user_id, "day": day, "limit": limit, "kinds": sorted(kinds)}
        async with self._database.as_user(user_id) as connection:
            cards = await fetch_cards(connection, _DUE, values)
            row = await (await connection.execute(_FINISHED, values)).fetchone()
        return DayLoad(cards, 0 if row is None else int(row[0]))

    async def card(self, user_id: UUID, card_id: UUID) -> Card | None:
        """Return the card, or None."""
        async with self._database.as_user(user_id) as connection:
            try:
                return await card_of(connection, user_id, card_id)
            except TaskNotFound:
                return None

    async def opening(self, user_id: UUID, card_id: UUID, review_id: UUID) -> Opening:
        """Return what an answer is judged and booked with. Raises UnknownUser."""
        async with self._database.as_user(user_id) as connection:
            settings = await _settings(connection, user_id)
            # the card before the review: one booked in between shows as known, not as a card that is not due
            cards = await fetch_cards(connection, "user_id = %s and id = %s", (user_id, card_id))
            known = await stored_review(connection, user_id, review_id)
            cursor = await connection.execute(_PACES, (user_id,))
            paces = [int(row[0]) for row in await cursor.fetchall()]
        return Opening(settings, known, cards[0] if cards else None, paces)

    async def record(
        self, user_id: UUID, review: NewReview, scheduler: Scheduler, *, seen_reviews: int
    ) -> StoredReview:
        """Store a review and its card's new schedule in one transaction.

        A review that is already stored is returned as it is. Raises TaskNotFound, TaskSuspended, TaskNotDue,
        AttemptIdTaken; TaskChanged when the card was reviewed since it had `seen_reviews`.
        """
        async with self._database.as_user(user_id) as connection:
            return await record_review(connection, user_id, review, scheduler, seen_reviews=seen_reviews)

    async def postpone(self, user_id: UUID, card_id: UUID, until: date) -> Card:
        """Let the card rest until that day; its memory stays. Raises TaskNotFound."""
        return await self._changed(user_id, card_id, "due = greatest(due, %(until)s)", {"until": until})

    async def suspend(self, user_id: UUID, card_id: UUID, *, suspended: bool) -> Card:
        """Put the card aside, or take it back. Raises TaskNotFound."""
        status = "suspended" if suspended else "active"
        return await self._changed(user_id, card_id, "status = %(status)s", {"status": status})

    async def _changed(self, user_id: UUID, card_id: UUID, assignment: str, values: dict[str, Any]) -> Card:
        statement = f"update training_cards set {assignment} where user_id = %(user_id)s and id = %(id)s"
        async with self._database.as_user(user_id) as connection:
            await connection.execute(statement.encode(), {**values, "user_id": user_id, "id": card_id})
            return await card_of(connection, user_id, card_id)

    async def regrade(
        self, user_id: UUID, review_id: UUID, grade: Grade, scheduler: Scheduler, *, today: date
    ) -> StoredReview:
        """Let another grade count; the measured one is kept. Raises AttemptNotFound, NotTheLastReview."""
        async with self._database.as_user(user_id) as connection:
            return await regrade_review(connection, user_id, review_id, grade, scheduler, today=today)

    async def undo(
        self, user_id: UUID, review_id: UUID, scheduler: Scheduler, *, at: datetime, today: date
    ) -> StoredReview:
        """Take a review back; repeating it changes nothing. Raises AttemptNotFound, NotTheLastReview."""
        async with self._database.as_user(user_id) as connection:
            return await undo_review(connection, user_id, review_id, scheduler, at=at, today=today)

    async def reschedule(self, user_id: UUID, scheduler: Scheduler, *, today: date, limit: int) -> int:
        """Replay the log of up to `limit` cards that another scheduler keeps; return how many there were."""
        async with self._database.as_user(user_id) as connection:
            stale = await fetch_cards(
                connection,
                "user_id = %s and memory ->> 'algorithm' <> %s order by due limit %s for update",
                (user_id, scheduler.algorithm, limit),
            )
            for card in stale:
                log = await log_of(connection, card.id)
                await update_card(connection, rebooked(card, log, scheduler, today=today))
        return len(stale)

    async def progress(self, user_id: UUID, *, since: date) -> ProgressFigures:
        """Return figures of the reviews since that day, and of every card."""
        async with self._database.as_user(user_id) as connection:
            return await figures.progress_of(connection, user_id, since)

    async def plan_material(self, user_id: UUID, *, until: date, per_criterion: int) -> PlanMaterial:
        """Return what a week is planned from: cards due until that day."""
        async with self._database.as_user(user_id) as connection:
            return await figures.plan_material_of(connection, user_id, until, per_criterion)

    async def plan(self, user_id: UUID) -> StoredPlan:
        """Return the stored plan, if there is one, and what was analysed last."""
        async with self._database.as_user(user_id) as connection:
            cursor = connection.cursor(row_factory=class_row(StoredPlan))
            await cursor.execute(_PLAN, {"user_id": user_id})
            return await cursor.fetchone() or StoredPlan(plan=None, analysed=None)

    async def put_plan(self, user_id: UUID, starts: date, plan: dict[str, Any]) -> None:
        """Store the plan in place of the one before."""
        async with self._database.as_user(user_id) as connection:
            await connection.execute(_PUT_PLAN, {"user_id": user_id, "starts": starts, "plan": jsonb(plan)})

    async def finished_by_day(self, user_id: UUID, since: date) -> dict[date, int]:
        """Return how many cards were reviewed on each day since then."""
        async with self._database.as_user(user_id) as connection:
            cursor = await connection.execute(_BY_DAY, (user_id, since))
            return {row[0]: int(row[1]) for row in await cursor.fetchall()}

    async def unfixed(self, user_id: UUID, *, limit: int) -> Sequence[Card]:
        """Return the weightiest rule cards that are not fixed."""
        async with self._database.as_user(user_id) as connection:
            return await fetch_cards(
                connection,
                f"""
                user_id = %s and kind = 'rule' and status = 'active' and interval_days < {FIXED_DAYS}
                order by weight desc, errors desc, id limit %s
                """,
                (user_id, limit),
            )

    async def export(self, user_id: UUID) -> AsyncIterator[CardLog]:
        """Yield every card with its log, in order of target."""
        after = ""
        while True:
            async with self._database.as_user(user_id) as connection:
                page = await transfer.page_of(connection, user_id, after)
            for card in page:
                yield card
            if not page:
                return
            after = page[-1].card.target

    async def import_cards(
        self, user_id: UUID, cards: Sequence[CardLog], scheduler: Scheduler, *, today: date
    ) -> tuple[int, int]:
        """Add what is not there yet; return how many cards and reviews were added."""
        async with self._database.as_user(user_id) as connection:
            return await transfer.add(connection, user_id, cards, scheduler, today=today)


async def _settings(connection: Connection, user_id: UUID) -> TrainingSettings:
    cursor = connection.cursor(row_factory=class_row(TrainingSettings))
    await cursor.execute(_SETTINGS, (user_id,))
    found = await cursor.fetchone()
    if found is None:
        raise UnknownUser(str(user_id))
    return found
