"""Tickets for the socket in PostgreSQL."""

from uuid import UUID

from app.repositories.database import Database
from app.services.socket_tickets import LIFE_S

_TAKE = """
    with expired as (
      delete from socket_tickets where created_at < now() - make_interval(secs => %(keep_s)s)
    )
    delete from socket_tickets
    where digest = %(digest)s and session_id = %(session_id)s
      and created_at >= now() - make_interval(secs => %(life_s)s)
    returning user_id
"""


class PostgresTickets:
    """TicketStore over PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, digest: str, user_id: UUID, session_id: UUID) -> None:
        """Keep a ticket that the user was given for a session of theirs."""
        async with self._database.as_user(user_id) as connection:
            await connection.execute(
                "insert into socket_tickets (digest, session_id, user_id) values (%s, %s, %s)",
                (digest, session_id, user_id),
            )

    async def take(self, digest: str, session_id: UUID, *, life_s: int) -> UUID | None:
        """Return who was given the ticket for this session at most `life_s` ago, and forget the ticket.

        None for a ticket that is unknown, too old, used before, or for another session. Old ones nobody used
        are forgotten with it.
        """
        async with self._database.as_service() as connection:
            cursor = await connection.execute(
                _TAKE,
                {
                    "digest": digest,
                    "session_id": session_id,
                    "life_s": life_s,
                    "keep_s": 2 * max(life_s, LIFE_S),
                },
            )
            row = await cursor.fetchone()
        return row[0] if row else None
