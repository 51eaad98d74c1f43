"""Tickets for the socket, kept in memory."""

from uuid import UUID


class MemoryTickets:
    """TicketStore over a dictionary; tickets do not age here."""

    def __init__(self) -> None:
        self.out: dict[tuple[str, UUID], UUID] = {}

    async def keep(self, digest: str, user_id: UUID, session_id: UUID) -> None:
        self.out[digest, session_id] = user_id

    async def take(self, digest: str, session_id: UUID, *, life_s: int) -> UUID | None:
        return self.out.pop((digest, session_id), None)
