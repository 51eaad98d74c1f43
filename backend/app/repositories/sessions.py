"""Sessions in PostgreSQL, as their learner looks at them."""

from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from app.repositories.database import Connection, Database
from app.repositories.jsonb import jsonb
from app.repositories.turns import turns_of
from app.services.accounts import UnknownUser
from app.services.conversation.timing import ClockName
from app.services.job_queue import JobStatus
from app.services.session_archive import (
    Position,
    SessionDetail,
    SessionOverview,
    SessionPage,
)
from app.services.session_store import SessionMode, SessionRecord

SESSION_COLUMNS = """
    id, user_id, mode, status, clock, plan, epoch, last_event_seq as last_seq, audio_ms, created_at,
    started_at, ended_at, end_reason, snapshot, summary, coalesce(lease_until > now(), false) as leased,
    audio_deleted_at
"""
_PAGE = """
    select s.id, s.mode, s.status, s.clock, s.audio_ms, s.created_at, s.started_at, s.ended_at, s.end_reason,
           s.audio_deleted_at, j.status as analysis_status,
           (a.result ->> 'overall_band')::float8 as overall_band,
           (a.result -> 'overall' ->> 'band_low')::float8 as band_low,
           (a.result -> 'overall' ->> 'band_high')::float8 as band_high, a.method_version
    from sessions s
      left join jobs j on j.session_id = s.id and j.kind = 'analysis'
      left join analyses a on a.session_id = s.id
    where s.user_id = %(user_id)s
      and (%(after_time)s::timestamptz is null or (s.created_at, s.id) < (%(after_time)s, %(after_id)s::uuid))
    order by s.created_at desc, s.id desc
    limit %(limit)s
"""


class PostgresSessions:
    """SessionArchive over PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self, user_id: UUID, *, mode: SessionMode, clock: ClockName, plan: dict[str, Any]
    ) -> SessionRecord:
        """Store a session that has not begun. Raises UnknownUser."""
        try:
            async with self._database.as_user(user_id) as connection:
                cursor = connection.cursor(row_factory=class_row(SessionRecord))
                await cursor.execute(
                    f"""
                    insert into sessions (user_id, mode, clock, plan) values (%s, %s, %s, %s)
                    returning {SESSION_COLUMNS}
                    """,
                    (user_id, mode, clock, jsonb(plan)),
                )
                return await _one(cursor)
        except psycopg.errors.ForeignKeyViolation as missing:
            raise UnknownUser(str(user_id)) from missing

    async def page(self, user_id: UUID, *, limit: int, after: Position | None = None) -> SessionPage:
        """Return up to `limit` sessions, newest first, that come after the position."""
        async with self._database.as_user(user_id) as connection:
            cursor = connection.cursor(row_factory=class_row(SessionOverview))
            await cursor.execute(
                _PAGE,
                {
                    "user_id": user_id,
                    "after_time": after.created_at if after else None,
                    "after_id": after.id if after else None,
                    "limit": limit + 1,
                },
            )
            rows = await cursor.fetchall()
        items = rows[:limit]
        more = len(rows) > limit
        return SessionPage(items, Position(items[-1].created_at, items[-1].id) if more else None)

    async def get(self, user_id: UUID, session_id: UUID) -> SessionRecord | None:
        """Return the session, or None."""
        async with self._database.as_user(user_id) as connection:
            return await session_by_id(connection, session_id)

    async def detail(self, user_id: UUID, session_id: UUID) -> SessionDetail | None:
        """Return the session with its turns in order, or None."""
        async with self._database.as_user(user_id) as connection:
            session = await session_by_id(connection, session_id)
            if session is None:
                return None
            turns = await turns_of(connection, session_id)
            cursor = await connection.execute(
                "select status from jobs where session_id = %s and kind = 'analysis'", (session_id,)
            )
            row = await cursor.fetchone()
            status: JobStatus | None = row[0] if row else None
        return SessionDetail(session, turns, status)

    async def earlier_plans(self, user_id: UUID, *, limit: int = 10) -> list[dict[str, Any]]:
        """Return the exam plans of the learner's latest sessions that had begun, newest first."""
        async with self._database.as_user(user_id) as connection:
            cursor = await connection.execute(
                """
                select plan from sessions where user_id = %s and status <> 'created'
                order by created_at desc limit %s
                """,
                (user_id, limit),
            )
            return [row[0] for row in await cursor.fetchall()]


async def session_by_id(connection: Connection, session_id: UUID) -> SessionRecord | None:
    """Return the session as far as the connection's role may see it."""
    cursor = connection.cursor(row_factory=class_row(SessionRecord))
    await cursor.execute(f"select {SESSION_COLUMNS} from sessions where id = %s", (session_id,))
    return await cursor.fetchone()


async def _one(cursor: psycopg.AsyncCursor[SessionRecord]) -> SessionRecord:
    row = await cursor.fetchone()
    if row is None:
        raise RuntimeError("insert returned no row")
    return row
