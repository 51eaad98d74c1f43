"""Accounts in PostgreSQL."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from app.repositories.database import Connection, Database
from app.services.accounts import Profile, UnknownUser

_COLUMNS = """
    id, display_name, native_language, interface_language, target_band::float8, exam_date, time_zone,
    scheduler, created_at, updated_at
"""
_EDITABLE = frozenset(
    {
        "display_name",
        "native_language",
        "interface_language",
        "target_band",
        "exam_date",
        "time_zone",
        "scheduler",
    }
)


class PostgresAccounts:
    """AccountStore over PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def profile(self, user_id: UUID) -> Profile:
        """Return the user's profile, made on first use. Raises UnknownUser."""
        async with self._database.as_user(user_id) as connection:
            return await _profile(connection, user_id)

    async def update(self, user_id: UUID, changes: Mapping[str, Any]) -> Profile:
        """Change the named fields and return the profile as it is then.

        Raises UnknownUser; ValueError for a field that is not the user's to change.
        """
        if foreign := changes.keys() - _EDITABLE:
            raise ValueError(f"not editable: {', '.join(sorted(foreign))}")
        async with self._database.as_user(user_id) as connection:
            profile = await _profile(connection, user_id)
            if not changes:
                return profile
            assignments = sql.SQL(", ").join(
                sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in changes
            )
            await connection.execute(
                sql.SQL("update profiles set {} where id = {}").format(
                    assignments, sql.Placeholder("user_id")
                ),
                {**changes, "user_id": user_id},
            )
            return await _profile(connection, user_id)

    async def add_development_user(self, user_id: UUID, email: str) -> None:
        """Make the user unless there is one, as Supabase's sign-up would. Embedded database only."""
        async with self._database.as_service() as connection:
            await connection.execute(
                "insert into auth.users (id, email) values (%s, %s) on conflict (id) do nothing",
                (user_id, email),
            )


async def _profile(connection: Connection, user_id: UUID) -> Profile:
    cursor = connection.cursor(row_factory=class_row(Profile))
    await cursor.execute(f"select {_COLUMNS} from profiles where id = %s", (user_id,))
    if profile := await cursor.fetchone():
        return profile
    try:
        await connection.execute(
            "insert into profiles (id) values (%s) on conflict (id) do nothing", (user_id,)
        )
    except psycopg.errors.ForeignKeyViolation as missing:
        raise UnknownUser(str(user_id)) from missing
    await cursor.execute(f"select {_COLUMNS} from profiles where id = %s", (user_id,))
    made = await cursor.fetchone()
    if made is None:
        raise UnknownUser(str(user_id))
    return made
