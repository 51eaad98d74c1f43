"""Feedback on findings in PostgreSQL."""

from collections.abc import Sequence
from uuid import UUID

from psycopg.rows import class_row

from app.repositories.database import Database
from app.repositories.jsonb import storable_text
from app.services.finding_feedback import Feedback, Verdict
from app.services.hybrid_analyzer import Disputes

_COLUMNS = (
    "finding_id, session_id, rule_id, rule_version, method_version, verdict, comment, created_at, updated_at"
)
_FIRST = f"""
    insert into finding_feedback (session_id, finding_id, user_id, rule_id, rule_version, method_version,
                                  verdict, comment)
    select f.session_id, f.id, f.user_id, f.rule_id, f.rule_version, a.method_version,
           %(verdict)s, %(comment)s
    from findings f join analyses a on a.session_id = f.session_id
    where f.user_id = %(user_id)s and f.id = %(finding_id)s
    on conflict (session_id, finding_id) do nothing
    returning {_COLUMNS}
"""
_CHANGE = """
    update finding_feedback set verdict = %(verdict)s, comment = %(comment)s
    where user_id = %(user_id)s and finding_id = %(finding_id)s
      and (verdict, comment) is distinct from (%(verdict)s, %(comment)s)
"""
_READ = f"select {_COLUMNS} from finding_feedback where user_id = %(user_id)s and finding_id = %(finding_id)s"
_DISPUTES = """
    with disputed as (
      select rule_id, rule_version, count(distinct user_id) as learners from finding_feedback
      where verdict = 'wrong' group by rule_id, rule_version
    )
    select d.rule_id, d.rule_version, d.learners as learners_disputing,
           (select count(distinct f.user_id) from findings f
            where f.rule_id = d.rule_id and f.rule_version = d.rule_version) as learners_shown
    from disputed d order by d.rule_id, d.rule_version
"""


class PostgresFeedback:
    """FeedbackStore over PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def give(
        self, user_id: UUID, finding_id: str, verdict: Verdict, comment: str | None
    ) -> tuple[Feedback, bool] | None:
        """Store what the learner says about a finding of their own, in place of what they said before.

        Return it and whether it is the first; None when the learner has no such finding. Repeating it changes
        nothing.
        """
        values = {
            "user_id": user_id,
            "finding_id": finding_id,
            "verdict": verdict,
            "comment": storable_text(comment or "") or None,
        }
        async with self._database.as_user(user_id) as connection:
            cursor = connection.cursor(row_factory=class_row(Feedback))
            await cursor.execute(_FIRST, values)
            if first := await cursor.fetchone():
                return first, True
            await cursor.execute(_CHANGE, values)
            await cursor.execute(_READ, values)
            given = await cursor.fetchone()
        return None if given is None else (given, False)

    async def disputes(self) -> Sequence[Disputes]:
        """Return how many learners dispute each version of a rule that anybody disputes."""
        async with self._database.as_service() as connection:
            cursor = connection.cursor(row_factory=class_row(Disputes))
            await cursor.execute(_DISPUTES)
            return await cursor.fetchall()
