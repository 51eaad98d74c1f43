"""Connections, each for one transaction and on somebody's behalf.

The login role has no rights of its own: every transaction first becomes the learner (`authenticated`, with
the learner's id in the claims that row level security reads) or the service. A query that runs outside of
`as_user` and `as_service` is refused by the database.
"""

import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Literal
from uuid import UUID

import psycopg
import structlog
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

from app.origin import origin
from app.services.errors import StorageBusy, StorageUnavailable

Connection = psycopg.AsyncConnection[TupleRow]

MAX_WAITING = 1_000
"""Callers that may wait for a connection at once; each waits `wait_s` at most."""

_log = structlog.get_logger(__name__)

_ASSUME = """
    select set_config('role', %s, true), set_config('request.jwt.claims', %s, true),
           set_config('statement_timeout', %s, true), set_config('speakmate.origin', %s, true),
           set_config('speakmate.request_id', %s, true)
"""


class Database:
    """A bounded pool of connections to PostgreSQL.

    `wait_s` is how long a caller waits for a connection before StorageBusy. A statement is prepared when it
    comes the `prepare_threshold`-th time on a connection; None prepares nothing, as a transaction-mode pooler
    demands, where the next transaction may run on another connection of the server.
    """

    def __init__(
        self,
        conninfo: str,
        *,
        max_size: int = 10,
        wait_s: float = 2.0,
        statement_timeout_ms: int = 10_000,
        prepare_threshold: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_size = max_size
        self._wait_s = wait_s
        self._statement_timeout_ms = str(statement_timeout_ms)
        self._clock = clock
        self._lent = 0
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            conninfo,
            min_size=1,
            max_size=max_size,
            max_waiting=MAX_WAITING,
            timeout=wait_s,
            open=False,
            name="speakmate",
            kwargs={
                "prepare_threshold": prepare_threshold,
                "connect_timeout": 5,
                "application_name": "speakmate",
            },
        )

    async def open(self) -> None:
        """Start the pool. Returns at once: a database that is down is tried again in the background."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    @asynccontextmanager
    async def as_user(self, user_id: UUID) -> AsyncIterator[Connection]:
        """Lend a connection inside a transaction that sees and may do what the user may.

        Commits at the end, rolls back on an exception. Raises StorageBusy and StorageUnavailable.
        """
        claims = {"sub": str(user_id), "role": "authenticated"}
        async with self._transaction("authenticated", claims) as connection:
            yield connection

    @asynccontextmanager
    async def as_service_for(self, user_id: UUID) -> AsyncIterator[Connection]:
        """Lend a connection as `as_service` does, for what the user may do with the application alone.

        The audit log names the learner. Nothing but the query keeps to the user's rows.
        """
        claims = {"sub": str(user_id), "role": "authenticated"}
        async with self._transaction("service_role", claims) as connection:
            yield connection

    @asynccontextmanager
    async def as_service(self) -> AsyncIterator[Connection]:
        """Lend a connection inside a transaction that sees every learner's rows: for workers.

        Raises as `as_user` does.
        """
        async with self._transaction("service_role", {"role": "service_role"}) as connection:
            yield connection

    async def is_ready(self) -> bool:
        """Return whether the database answers and has the schema."""
        try:
            async with self.as_service() as connection:
                cursor = await connection.execute("select to_regclass('public.findings') is not null")
                row = await cursor.fetchone()
        except (StorageUnavailable, psycopg.Error):
            return False
        return bool(row and row[0])

    @asynccontextmanager
    async def _transaction(
        self, role: Literal["authenticated", "service_role"], claims: dict[str, Any]
    ) -> AsyncIterator[Connection]:
        connection = await self._begin(role, json.dumps(claims))
        self._lent += 1
        try:
            async with connection:
                yield connection
        except psycopg.OperationalError as lost:
            _log.warning("database.transaction_lost", error=type(lost).__name__, sqlstate=lost.sqlstate)
            raise StorageUnavailable("The database gave up in the middle of a transaction.") from lost
        finally:
            self._lent -= 1
            await self._pool.putconn(connection)

    async def _begin(self, role: str, claims: str) -> Connection:
        """Take a connection and begin as `role`.

        Connections may have died in the pool, after a restart of the database all of them: such a one is
        replaced and the next one taken, at no cost for the living.
        """
        until = self._clock() + self._wait_s
        while True:
            connection = await self._take(max(0.001, until - self._clock()))
            try:
                await connection.execute(
                    _ASSUME, (role, claims, self._statement_timeout_ms, origin() or "", _request_id())
                )
            except psycopg.OperationalError as dead:
                await self._pool.putconn(connection)
                if not connection.closed or self._clock() >= until:
                    raise StorageUnavailable("The database does not answer.") from dead
            except BaseException:
                await self._pool.putconn(connection)
                raise
            else:
                return connection

    async def _take(self, timeout_s: float) -> Connection:
        try:
            return await self._pool.getconn(timeout=timeout_s)
        except (PoolTimeout, TooManyRequests) as late:
            if self._lent >= self._max_size:
                raise StorageBusy("All database connections are in use.") from late
            raise StorageUnavailable("The database does not answer.") from late
        except PoolClosed as closed:
            raise StorageUnavailable("The database connections are closed.") from closed


def _request_id() -> str:
    """The id of the request under way, for the audit log; '' for what no request caused."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
