"""Figures of training in PostgreSQL: what progress is told and weeks are planned from."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from app.repositories.database import Connection
from app.repositories.training_cards import fetch_cards
from app.services.hybrid_analyzer import Criterion
from app.services.training_engine import CardKind, Memory
from app.services.training_engine.cards import FIXED_DAYS
from app.services.training_engine.memory import PASSED
from app.services.training_engine.store import (
    BandOfCriterion,
    CriterionCount,
    PlanMaterial,
    ProgressFigures,
    Retention,
    RuleProgress,
)

MAX_RULES = 200
MAX_DAYS = 400

_CRITERIA = f"""
    select criterion, count(*)::int as cards,
           (count(*) filter (where interval_days >= {FIXED_DAYS}))::int as fixed,
           (count(*) filter (where relapses > 0 and interval_days < {FIXED_DAYS}))::int as relapsed
    from training_cards where user_id = %(user_id)s group by criterion order by criterion
"""
_RULES = """
    with latest as (
      select id, target, kind, criterion, material ->> 'title' as title, memory, reviews, errors, relapses,
             weight
      from training_cards where user_id = %(user_id)s
      order by last_error_at desc nulls last, weight desc, id limit %(limit)s
    )
    select l.target, l.kind, l.criterion, l.title, l.memory, l.reviews, l.errors, l.relapses,
           coalesce(sum(r.required), 0)::int as required, coalesce(sum(r.correct), 0)::int as correct
    from latest l left join training_reviews r
      on r.card_id = l.id and r.undone_at is null and r.day >= %(since)s and r.drill <> 'exam'
    group by l.id, l.target, l.kind, l.criterion, l.title, l.memory, l.reviews, l.errors, l.relapses, l.weight
    order by l.weight desc, l.target
"""
_RETENTION = f"""
    select count(*)::int as reviews, avg((grade >= {PASSED})::int)::float8 as actual,
           avg(predicted)::float8 as predicted
    from training_reviews
    where user_id = %(user_id)s and day >= %(since)s and undone_at is null and predicted is not null
"""
# A walk from day to day over the index: a learner's many reviews of one day are passed over.
_DAYS = """
    with recursive days as (
      (select day, 1 as place from training_reviews where user_id = %(user_id)s and undone_at is null
       order by day desc limit 1)
      union all
      select (select r.day from training_reviews r
              where r.user_id = %(user_id)s and r.undone_at is null and r.day < days.day
              order by r.day desc limit 1), days.place + 1
      from days where days.day is not null and days.place < %(limit)s
    )
    select day from days where day is not null order by day desc
"""
_BANDS = """
    select c.key as criterion, (c.value ->> 'band')::float8 as band
    from (select result from analyses where user_id = %s
          order by created_at desc limit 1) newest,
         jsonb_each(case when jsonb_typeof(newest.result -> 'criteria') = 'object'
                         then newest.result -> 'criteria' else '{}'::jsonb end) c
"""
_CRITERION_NAMES: tuple[Criterion, ...] = (
    "fluency_coherence",
    "lexical_resource",
    "grammatical_range_accuracy",
    "pronunciation",
)


@dataclass(frozen=True, slots=True)
class _Rule:
    target: str
    kind: CardKind
    criterion: Criterion
    title: str
    memory: dict[str, Any]
    reviews: int
    errors: int
    relapses: int
    required: int
    correct: int


async def progress_of(connection: Connection, user_id: UUID, since: date) -> ProgressFigures:
    """Return figures of the reviews since that day, and of every card; the MAX_RULES latest one by one."""
    values = {"user_id": user_id, "since": since, "limit": MAX_RULES}
    counts = connection.cursor(row_factory=class_row(CriterionCount))
    await counts.execute(_CRITERIA, values)
    rules = connection.cursor(row_factory=class_row(_Rule))
    await rules.execute(_RULES, values)
    retention = connection.cursor(row_factory=class_row(Retention))
    await retention.execute(_RETENTION, values)
    days = await connection.execute(_DAYS, {**values, "limit": MAX_DAYS})
    return ProgressFigures(
        criteria=await counts.fetchall(),
        rules=[
            RuleProgress(
                target=row.target,
                kind=row.kind,
                criterion=row.criterion,
                title=row.title,
                memory=Memory.from_json(row.memory),
                reviews=row.reviews,
                errors=row.errors,
                relapses=row.relapses,
                required=row.required,
                correct=row.correct,
            )
            for row in await rules.fetchall()
        ],
        retention=await retention.fetchone() or Retention(0, None, None),
        days=[row[0] for row in await days.fetchall()],
    )


async def plan_material_of(
    connection: Connection, user_id: UUID, until: date, per_criterion: int
) -> PlanMaterial:
    """Return the most urgent cards of each criterion, and the bands of the newest analysis."""
    cards = []
    for criterion in _CRITERION_NAMES:
        cards += await fetch_cards(
            connection,
            """
            user_id = %s and criterion = %s and status = 'active' and due <= %s
            order by due, weight desc, id limit %s
            """,
            (user_id, criterion, until, per_criterion),
        )
    bands = connection.cursor(row_factory=class_row(BandOfCriterion))
    await bands.execute(_BANDS, (user_id,))
    return PlanMaterial(cards, await bands.fetchall())
