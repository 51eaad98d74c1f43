"""One learner's training as it would be after years: many cards that are due, each with a log."""

from collections.abc import Sequence
from uuid import UUID

import psycopg

from app.repositories.jsonb import jsonb
from app.services.training_engine import Example, Material

SAID, BETTER = "He work in a bank.", "He works in a bank."

_CARDS = """
    insert into training_cards (user_id, target, kind, criterion, material, memory, due, interval_days,
                                reviews, weight)
    select %(user_id)s, 'RULE-' || n, 'rule',
           (array['grammatical_range_accuracy', 'lexical_resource', 'fluency_coherence', 'pronunciation'])
             [1 + n %% 4],
           %(material)s::jsonb,
           jsonb_build_object('algorithm', 'sm2', 'due', current_date - n %% 30 - 1, 'last_day',
             current_date - n %% 30 - 15, 'interval_days', 14, 'repetitions', 3, 'ease_percent', 250),
           current_date - n %% 30 - 1, 14, %(log)s, 1 + n %% 7
    from generate_series(1, %(cards)s) n
"""
_REVIEWS = """
    insert into training_reviews (user_id, id, card_id, n, drill, day, grade, measured_grade, predicted,
                                  required, correct, pace_ms, created_at)
    select user_id, gen_random_uuid(), id, n, 'correct', due - 15 - (%(log)s - n) * 5, 4, 4, 0.9, 1, 1, 900,
           now() - make_interval(days => 15 + (%(log)s - n) * 5)
    from training_cards, generate_series(1, %(log)s) n where user_id = %(user_id)s
"""


def seed(conninfo: str, user_id: UUID, *, cards: int, log: int) -> None:
    """Give the learner `cards` cards that are due, with `log` reviews each."""
    example = Example(SAID, BETTER, "work", "works", SAID.index("work"), BETTER.index("works"))
    material = Material("work → works", "-s", category="R:VERB:SVA", examples=(example,))
    values = {"user_id": user_id, "cards": cards, "log": log, "material": jsonb(material.to_json())}
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")  # the rows are known to fit together
        connection.execute(_CARDS, values)
        connection.execute(_REVIEWS, values)
        connection.execute("vacuum analyze training_cards, training_reviews")


def some_cards(conninfo: str, user_id: UUID, count: int) -> Sequence[UUID]:
    """Return the ids of some of the learner's cards."""
    with psycopg.connect(conninfo) as connection:
        rows = connection.execute(
            "select id from training_cards where user_id = %s order by md5(id::text) limit %s",
            (user_id, count),
        )
        return [row[0] for row in rows.fetchall()]
