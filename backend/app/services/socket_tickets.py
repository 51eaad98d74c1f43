"""Tickets that open a socket where an access token cannot go: bound to a session, short-lived, used once.

A ticket may stand in an address, which ends up in logs: whoever finds it there comes too late.
"""

import hashlib
import secrets
from typing import Protocol
from uuid import UUID

LIFE_S = 60
PREFIX = "st_"
"""What tells a ticket from an access token."""


class TicketStore(Protocol):
    """The tickets that are out, for every process. Every method raises StorageUnavailable."""

    async def keep(self, digest: str, user_id: UUID, session_id: UUID) -> None:
        """Keep a ticket that the user was given for a session of theirs."""
        ...

    async def take(self, digest: str, session_id: UUID, *, life_s: int) -> UUID | None:
        """Return who was given the ticket for this session at most `life_s` ago, and forget the ticket.

        None for a ticket that is unknown, too old, used before, or for another session.
        """
        ...


class SocketTickets:
    """Gives tickets out and takes them back, each once in all processes together."""

    def __init__(self, store: TicketStore) -> None:
        self._store = store

    async def issue(self, user_id: UUID, session_id: UUID) -> str:
        """Return a new ticket for a session of the user's. Raises StorageUnavailable."""
        ticket = PREFIX + secrets.token_urlsafe(32)
        await self._store.keep(_digest(ticket), user_id, session_id)
        return ticket

    async def redeem(self, ticket: str, session_id: UUID) -> UUID | None:
        """Return whose ticket it is; None when it opens nothing here. Raises StorageUnavailable."""
        return await self._store.take(_digest(ticket), session_id, life_s=LIFE_S)


def _digest(ticket: str) -> str:
    """What is stored: a ticket that leaks out of the database opens nothing."""
    return hashlib.sha256(ticket.encode()).hexdigest()
