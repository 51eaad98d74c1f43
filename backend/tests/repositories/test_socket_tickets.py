"""Tickets for the socket: once, for one session, for a minute, whichever process they come to."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import psycopg
import pytest

from app.adapters.embedded_postgres import EmbeddedPostgres
from app.repositories.database import Database
from app.repositories.sessions import PostgresSessions
from app.repositories.socket_tickets import PostgresTickets
from app.services.socket_tickets import LIFE_S, PREFIX, SocketTickets


@pytest.fixture
async def elsewhere(postgres: EmbeddedPostgres) -> AsyncIterator[SocketTickets]:
    """The tickets as another process has them."""
    database = Database(postgres.conninfo, max_size=3)
    await database.open()
    yield SocketTickets(PostgresTickets(database))
    await database.close()


@pytest.fixture
def tickets(database: Database) -> SocketTickets:
    return SocketTickets(PostgresTickets(database))


@pytest.fixture
async def session_id(database: Database, alice: UUID) -> UUID:
    return (await PostgresSessions(database).create(alice, mode="quick", clock="short", plan={})).id


async def test_a_ticket_is_honoured_once_by_all_processes_together(
    tickets: SocketTickets, elsewhere: SocketTickets, alice: UUID, session_id: UUID
) -> None:
    for _ in range(20):
        ticket = await tickets.issue(alice, session_id)
        assert ticket.startswith(PREFIX)
        answers = await asyncio.gather(
            *(office.redeem(ticket, session_id) for office in (tickets, elsewhere) * 2)
        )
        assert (answers.count(alice), answers.count(None)) == (1, 3)


async def test_a_ticket_is_for_its_session_only(
    tickets: SocketTickets, database: Database, alice: UUID, session_id: UUID
) -> None:
    other = await PostgresSessions(database).create(alice, mode="quick", clock="short", plan={})
    ticket = await tickets.issue(alice, session_id)
    assert await tickets.redeem(ticket, other.id) is None
    assert await tickets.redeem(ticket.upper(), session_id) is None
    assert await tickets.redeem(ticket, session_id) == alice


async def test_a_ticket_is_good_for_a_minute(
    tickets: SocketTickets, superuser: psycopg.Connection, alice: UUID, session_id: UUID
) -> None:
    for age_s, good in ((LIFE_S - 5, True), (LIFE_S + 1, False)):
        ticket = await tickets.issue(alice, session_id)
        superuser.execute(
            "update socket_tickets set created_at = now() - make_interval(secs => %s) where session_id = %s",
            (age_s, session_id),
        )
        assert (await tickets.redeem(ticket, session_id) == alice) is good


async def test_tickets_nobody_used_do_not_pile_up(
    tickets: SocketTickets, superuser: psycopg.Connection, alice: UUID, session_id: UUID
) -> None:
    for _ in range(5):
        await tickets.issue(alice, session_id)
    superuser.execute(
        "update socket_tickets set created_at = now() - interval '1 hour' where session_id = %s",
        (session_id,),
    )
    await tickets.redeem(await tickets.issue(alice, session_id), session_id)
    left = superuser.execute("select count(*) from socket_tickets where session_id = %s", (session_id,))
    assert left.fetchone() == (0,)


async def test_nobody_has_a_ticket_for_somebody_elses_session(
    tickets: SocketTickets, bob: UUID, session_id: UUID
) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        await tickets.issue(bob, session_id)
