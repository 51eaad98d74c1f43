"""Erasing accounts in PostgreSQL."""

from collections.abc import Sequence
from uuid import UUID

from psycopg.rows import class_row

from app.repositories.database import Connection, Database
from app.services.erasure import Receipt

_COLUMNS = "id, erased_at, finished_at, rows, files, sessions_left"
_FINISHED = f"""
    update erasure_receipts
    set finished_at = coalesce(finished_at, now()), files = files + %(files)s, sessions_left = '{{}}'
    where id = %(id)s returning {_COLUMNS}
"""
_UNFINISHED = f"""
    select {_COLUMNS} from erasure_receipts where finished_at is null order by erased_at limit %s
"""


class PostgresErasure:
    """ErasureStore over PostgreSQL; works as the service."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def erase(self, user_id: UUID) -> Receipt | None:
        """Remove the user and every row that belongs to them; the receipt of before for one who is gone.

        None for a user who never was.
        """
        async with self._database.as_service() as connection:
            cursor = connection.cursor(row_factory=class_row(Receipt))
            await cursor.execute(f"select {_COLUMNS} from erase_account(%s)", (user_id,))
            return await cursor.fetchone()

    async def finished(self, receipt_id: UUID, *, files: int) -> Receipt:
        """Note that the files are gone too, and how many there were."""
        async with self._database.as_service() as connection:
            cursor = connection.cursor(row_factory=class_row(Receipt))
            await cursor.execute(_FINISHED, {"id": receipt_id, "files": files})
            receipt = await cursor.fetchone()
        if receipt is None:
            raise LookupError(f"no receipt {receipt_id}")
        return receipt

    async def unfinished(self, *, limit: int) -> list[Receipt]:
        """Return receipts with files left, the oldest first."""
        async with self._database.as_service() as connection:
            cursor = connection.cursor(row_factory=class_row(Receipt))
            await cursor.execute(_UNFINISHED, (limit,))
            return await cursor.fetchall()

    async def gone(self, session_ids: Sequence[UUID]) -> list[UUID]:
        """Return which of the sessions do not exist any more."""
        async with self._database.as_service() as connection:
            return await gone_of(connection, session_ids)


async def gone_of(connection: Connection, session_ids: Sequence[UUID]) -> list[UUID]:
    """Return which of the sessions do not exist any more."""
    cursor = await connection.execute(
        """
        select named.id from unnest(%s::uuid[]) named (id) left join sessions s using (id)
        where s.id is null
        """,
        (list(session_ids),),
    )
    return [row[0] for row in await cursor.fetchall()]
