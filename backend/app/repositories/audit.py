"""The audit log in PostgreSQL. It writes itself, by triggers; here it is read, checked and shortened."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from app.repositories.database import Connection, Database
from app.services.audit import (
    AuditEntry,
    Broken,
    ChainReport,
    Head,
    Link,
    ReadAction,
    Sealed,
    check_chains,
    json_text,
)

NOTED_FOR_S = 600
"""A player reads a recording piece by piece: that is one reading."""
_PAGE = """
    select n, at, actor, action, record, details, origin, request_id, prev, hash from audit_log
    where user_id = %(user_id)s and (%(before)s::bigint is null or n < %(before)s)
    order by n desc limit %(limit)s
"""
_NOTE = """
    insert into audit_log (user_id, action, record)
    select %(user_id)s, %(action)s, %(record)s
    where not exists (
      select from audit_log where user_id = %(user_id)s and action = %(action)s and record = %(record)s
        and at > now() - make_interval(secs => %(noted_for_s)s))
"""
_LINKS = """
    select coalesce(h.user_id, a.user_id), h.n, h.hash, h.base_n, h.base_hash, a.n,
      to_char(a.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), a.actor, a.action, a.record,
      a.details::text, a.origin, a.request_id, a.prev, a.hash
    from audit_heads h full join audit_log a on a.user_id = h.user_id
    order by 1, a.n
"""
_HEADLESS = """
    select id from profiles where not exists (select from audit_heads where user_id = id) limit 1
"""
_AT_ONCE = 1_000


class PostgresAudit:
    """AuditArchive over PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, user_id: UUID, *, limit: int, before: int | None) -> list[AuditEntry]:
        """Return the learner's rows, newest first; with `before` only those numbered below it."""
        async with self._database.as_user(user_id) as connection:
            cursor = connection.cursor(row_factory=class_row(AuditEntry))
            await cursor.execute(_PAGE, {"user_id": user_id, "limit": limit, "before": before})
            return await cursor.fetchall()

    async def note_read(self, user_id: UUID, action: ReadAction, record: str) -> None:
        """Note that something of the learner's is about to be read, unless that was noted minutes ago."""
        async with self._database.as_user(user_id) as connection:
            await connection.execute(
                _NOTE,
                {"user_id": user_id, "action": action, "record": record, "noted_for_s": NOTED_FOR_S},
            )

    async def prune(self, *, keep_days: int) -> int:
        """Remove rows older than `keep_days` (30 at least) from the chains' beginnings; return how many."""
        async with self._database.as_service() as connection:
            cursor = await connection.execute("select prune_audit(%s)", (keep_days,))
            row = await cursor.fetchone()
        return int(row[0]) if row else 0

    async def check(self) -> ChainReport:
        """Check every learner's chain, computing each hash here; reads in pieces, whatever the log's size."""
        async with self._database.as_service() as connection:
            report = await check_chains(_links(connection))
            if report.broken is not None:
                return report
            cursor = await connection.execute(_HEADLESS)
            headless = await cursor.fetchone()
        if headless is None:
            return report
        return ChainReport(report.chains, report.rows, Broken(headless[0], 0, "the chain is missing"))


async def _links(connection: Connection) -> AsyncIterator[Link]:
    async with connection.cursor(name="audit_links") as cursor:
        cursor.itersize = _AT_ONCE
        await cursor.execute(_LINKS)
        async for row in cursor:
            yield _link(row)


def _link(row: tuple[Any, ...]) -> Link:
    user_id, head_n, head_hash, base_n, base_hash, n, at, actor, action, record, details = row[:11]
    origin, request_id, prev, digest = row[11:]
    head = None if head_n is None else Head(head_n, head_hash, base_n, base_hash)
    if n is None:
        return Link(user_id, head, None)
    before = (prev, str(user_id), n, at, actor, action, record)
    fields = (*map(json_text, before), details, json_text(origin), json_text(request_id))
    return Link(user_id, head, Sealed(n, fields, prev, digest))
