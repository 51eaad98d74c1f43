"""The log of calls to language models in PostgreSQL."""

from app.repositories.database import Database
from app.repositories.jsonb import storable_text
from app.services.prompt_manager import Budget, CallEnd, NewCall

_ONE_AT_A_TIME = """
    select pg_advisory_xact_lock(hashtextextended('llm_calls ' || %s::text, 0)),
           set_config('synchronous_commit', 'off', true)
"""
"""A learner's calls begin one after the other, so that two cannot both take the last of a budget.

Nobody waits for the disk: seven of the ten milliseconds that a call took longer than the provider were that
wait. A database that crashes may forget what was reserved in its last half second.
"""

_BEGIN = """
    insert into llm_calls (session_id, user_id, prompt, prompt_version, prompt_sha256, reserved_tokens)
    select %(session_id)s, %(user_id)s, %(prompt)s, %(version)s, %(sha256)s, %(reserved)s
    from sessions s
    where s.id = %(session_id)s and s.user_id = %(user_id)s
      and %(reserved)s + (select coalesce(sum(spent_tokens), 0) from llm_calls
                          where session_id = %(session_id)s) <= %(session_tokens)s
      and %(reserved)s + (select coalesce(sum(spent_tokens), 0) from llm_calls
                          where user_id = %(user_id)s and created_at > now() - interval '24 hours')
          <= %(daily_tokens)s
    returning id
"""
_FINISH = """
    update llm_calls set outcome = %(outcome)s, provider = %(provider)s, model = %(model)s,
      input_tokens = %(input_tokens)s, output_tokens = %(output_tokens)s, latency_ms = %(latency_ms)s,
      finished_at = now()
    where id = %(id)s and finished_at is null
"""


class PostgresCallLog:
    """CallLog over PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, call: NewCall, budget: Budget) -> int | None:
        """Note a call that is about to be made and return its id.

        None when the budget has no room for it, or the session is no longer there.
        """
        user_id, session_id = call.learner.user_id, call.learner.session_id
        async with self._database.as_service() as connection:
            await connection.execute(_ONE_AT_A_TIME, (user_id,))
            cursor = await connection.execute(
                _BEGIN,
                {
                    "session_id": session_id,
                    "user_id": user_id,
                    "prompt": call.prompt,
                    "version": call.version,
                    "sha256": call.sha256,
                    "reserved": call.reserved_tokens,
                    "session_tokens": budget.session_tokens,
                    "daily_tokens": budget.daily_tokens,
                },
            )
            row = await cursor.fetchone()
        return None if row is None else int(row[0])

    async def finish(self, call_id: int, end: CallEnd) -> None:
        """Note how the call ended; a second end changes nothing."""
        async with self._database.as_service() as connection:
            await connection.execute(
                _FINISH,
                {
                    "id": call_id,
                    "outcome": end.outcome,
                    "provider": end.provider,
                    "model": storable_text(end.model or "")[:200] or None,
                    "input_tokens": end.usage and end.usage.input_tokens,
                    "output_tokens": end.usage and end.usage.output_tokens,
                    "latency_ms": end.latency_ms,
                },
            )
