"""A learner's rows as they lie in the database, for the learner to take along."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from app.repositories.database import Connection, Database
from app.services.export import ExportedSession, Rows

PAGE = 500
_NO_ID = UUID(int=0)
ACCOUNT: dict[str, tuple[str, str, UUID | str | int]] = {
    "profiles": ("id", "id", _NO_ID),
    "training_cards": ("user_id", "target", ""),
    "training_reviews": ("user_id", "id", _NO_ID),
    "training_plans": ("user_id", "user_id", _NO_ID),
    "audit_log": ("user_id", "n", 0),
}
"""Tables of the account: the column of the owner, the one that orders the owner's rows by an index, and what
lies before its first value."""
SESSION = {
    "turns": "*",
    "session_events": "*",
    "jobs": "id, kind, session_id, status, progress, created_at, started_at, finished_at",
    "analyses": "*",
    "findings": "*",
    "finding_feedback": "*",
    "training_sources": "*",
    "llm_calls": "id, session_id, prompt, prompt_version, outcome, provider, model, input_tokens, "
    "output_tokens, created_at, finished_at",
}
"""Tables under a session, and what a learner may read in them."""
LEFT_OUT = {
    "audit_heads": "the last row of audit_log says the same",
    "socket_tickets": "hashes that are worth nothing after a minute",
    "erasure_receipts": "belong to nobody",
}


class PostgresExport:
    """ExportSource over PostgreSQL, as the learner; a connection is held for a page, not for the download."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def tables(self) -> Sequence[str]:
        """The tables of what belongs to the account itself."""
        return tuple(ACCOUNT)

    async def pages(self, user_id: UUID, table: str) -> AsyncIterator[Rows]:
        """Yield the learner's rows of one of `tables`, some at a time."""
        owner, order, after = ACCOUNT[table]
        while True:
            async with self._database.as_user(user_id) as connection:
                cursor = await connection.execute(
                    f"select to_jsonb(t), {order} from {table} t where {owner} = %s and {order} > %s "
                    f"order by {order} limit {PAGE}".encode(),
                    (user_id, after),
                )
                found = await cursor.fetchall()
            if not found:
                return
            yield [row for row, _ in found]
            after = found[-1][1]

    async def sessions(self, user_id: UUID) -> AsyncIterator[ExportedSession]:
        """Yield the learner's sessions one by one."""
        async with self._database.as_user(user_id) as connection:
            cursor = await connection.execute(
                "select id from sessions where user_id = %s order by created_at, id", (user_id,)
            )
            ids = [row[0] for row in await cursor.fetchall()]
        for session_id in ids:
            async with self._database.as_user(user_id) as connection:
                session = await _rows(connection, "sessions", "*", "id", session_id)
                rows = {
                    table: await _rows(connection, table, columns, "session_id", session_id)
                    for table, columns in SESSION.items()
                }
            if session:
                audio_ms = int(session[0]["audio_ms"])
                yield ExportedSession(session_id, audio_ms, {"sessions": session, **rows})


async def _rows(connection: Connection, table: str, columns: str, key: str, session_id: UUID) -> Rows:
    cursor = await connection.execute(
        f"select to_jsonb(t) from (select {columns} from {table} where {key} = %s) t".encode(), (session_id,)
    )
    return [row[0] for row in await cursor.fetchall()]
