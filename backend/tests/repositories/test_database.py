"""Connections on somebody's behalf, and what callers see when there are none."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from app.adapters.embedded_postgres import EmbeddedPostgres
from app.repositories.database import Database
from app.services.errors import StorageBusy, StorageUnavailable

WHO = "select current_user, auth.uid()"


@pytest.fixture
async def narrow(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    """A pool of one connection."""
    database = Database(postgres.conninfo, max_size=1, wait_s=0.2, statement_timeout_ms=300)
    await database.open()
    yield database
    await database.close()


async def test_each_transaction_has_a_role_that_does_not_outlive_it(narrow: Database, alice: UUID) -> None:
    async with narrow.as_user(alice) as connection:
        cursor = await connection.execute(WHO)
        assert await cursor.fetchone() == ("authenticated", alice)
        backend = connection.info.backend_pid
    async with narrow.as_service() as connection:
        cursor = await connection.execute(WHO)
        assert await cursor.fetchone() == ("service_role", None)
        assert connection.info.backend_pid == backend


async def test_an_exception_rolls_back(narrow: Database, alice: UUID) -> None:
    async def change_and_fail() -> None:
        async with narrow.as_user(alice) as connection:
            await connection.execute("update profiles set display_name = 'Ghost'")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await change_and_fail()
    async with narrow.as_user(alice) as connection:
        cursor = await connection.execute("select display_name from profiles")
        assert await cursor.fetchall() == [(None,)]


async def test_a_forgotten_role_fails_closed(postgres: EmbeddedPostgres, alice: UUID) -> None:
    async with await psycopg.AsyncConnection.connect(postgres.conninfo, autocommit=True) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute("select * from profiles")
        await connection.execute("set role authenticated")
        cursor = await connection.execute("select * from profiles")
        assert await cursor.fetchall() == []


async def test_a_full_pool_says_busy(narrow: Database, alice: UUID) -> None:
    async with narrow.as_user(alice):
        with pytest.raises(StorageBusy):
            async with narrow.as_service():
                pass
    async with narrow.as_service():
        pass


async def test_a_cancelled_caller_gives_its_connection_back(narrow: Database, alice: UUID) -> None:
    taken = asyncio.Event()

    async def hold() -> None:
        async with narrow.as_user(alice):
            taken.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hold())
    await taken.wait()
    task.cancel()
    await asyncio.wait([task])
    async with narrow.as_service() as connection:
        await connection.execute("select 1")


async def test_a_statement_that_takes_too_long_is_stopped(narrow: Database, alice: UUID) -> None:
    with pytest.raises(StorageUnavailable):
        async with narrow.as_user(alice) as connection:
            await connection.execute("select pg_sleep(5)")
    assert await narrow.is_ready()


async def test_connections_that_died_in_the_pool_are_replaced(
    database: Database, superuser: psycopg.Connection, alice: UUID
) -> None:
    async with database.as_user(alice) as one, database.as_user(alice) as two:
        pids = [one.info.backend_pid, two.info.backend_pid]
    for pid in pids:
        superuser.execute("select pg_terminate_backend(%s, 5000)", (pid,))

    async with asyncio.TaskGroup() as group:
        checks = [group.create_task(database.is_ready()) for _ in range(4)]
    assert all(check.result() for check in checks)


async def test_a_connection_lost_midway_is_unavailable(
    database: Database, superuser: psycopg.Connection, alice: UUID
) -> None:
    async def lose_the_connection() -> None:
        async with database.as_user(alice) as connection:
            superuser.execute("select pg_terminate_backend(%s, 5000)", (connection.info.backend_pid,))
            await connection.execute("select 1")

    with pytest.raises(StorageUnavailable):
        await lose_the_connection()
    assert await database.is_ready()


async def test_a_database_that_is_down_is_not_ready(tmp_path: Path) -> None:
    database = Database(f"host={tmp_path} dbname=nobody user=nobody", wait_s=0.1)
    await database.open()
    try:
        assert not await database.is_ready()
        with pytest.raises(StorageUnavailable, match="does not answer"):
            async with database.as_service():
                pass
    finally:
        await database.close()


async def test_closed_means_unavailable(database: Database) -> None:
    await database.close()
    with pytest.raises(StorageUnavailable):
        async with database.as_service():
            pass


async def test_works_without_prepared_statements(postgres: EmbeddedPostgres, alice: UUID) -> None:
    database = Database(postgres.conninfo, prepare_threshold=None)
    await database.open()
    try:
        async with database.as_user(alice) as connection:
            for _ in range(10):
                await connection.execute("select id from profiles where id = %s", (alice,))
            cursor = await connection.execute("select count(*) from pg_prepared_statements")
            assert await cursor.fetchone() == (0,)
    finally:
        await database.close()
