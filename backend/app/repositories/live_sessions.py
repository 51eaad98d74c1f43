"""Live sessions in PostgreSQL: the log of durable events, written by one owner at a time."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from app.repositories.database import Connection, Database
from app.repositories.jsonb import jsonb, storable_text
from app.repositories.sessions import SESSION_COLUMNS, session_by_id
from app.repositories.turns import put_turns
from app.services.session_store import (
    Checkpoint,
    NewEvent,
    SessionRecord,
    StaleOwner,
    StoredEvent,
    TurnRecord,
)

_CLAIM = f"""
    update sessions set epoch = epoch + 1, status = 'live', started_at = coalesce(started_at, now())
    where id = %s and status <> 'ended'
    returning {SESSION_COLUMNS}
"""
# The update's row lock makes writers of one session queue up, so numbers have no gaps and no twins.
_APPEND = """
    with owned as (
      update sessions
      set last_event_seq = last_event_seq + %(count)s,
          audio_ms = greatest(audio_ms, %(audio_ms)s),
          snapshot = coalesce(%(snapshot)s, snapshot)
      where id = %(session_id)s and epoch = %(epoch)s and status = 'live'
      returning id, user_id, last_event_seq - %(count)s as before
    ), written as (
      insert into session_events (session_id, seq, user_id, type, payload)
      select owned.id, owned.before + event.place, owned.user_id, event.type, event.payload
      from owned,
        unnest(%(types)s::text[], %(payloads)s::jsonb[]) with ordinality as event (type, payload, place)
    )
    select before + 1 from owned
"""
_END = """
    update sessions set status = 'ended', ended_at = now(), end_reason = %(reason)s, summary = %(summary)s
    where id = %(session_id)s
"""
_MAX_REASON = 200


class PostgresLiveSessions:
    """SessionStore over PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self, session_id: UUID, user_id: UUID) -> SessionRecord | None:
        """Return the user's session, or None where there is none of that id that the user may see."""
        async with self._database.as_user(user_id) as connection:
            return await session_by_id(connection, session_id)

    async def claim(self, session_id: UUID, user_id: UUID) -> SessionRecord:
        """Take the session over: its epoch goes up by one and its status from `created` to `live`.

        Raises LookupError when the session is not the user's or has ended.
        """
        async with self._database.as_user(user_id) as connection:
            cursor = connection.cursor(row_factory=class_row(SessionRecord))
            await cursor.execute(_CLAIM, (session_id,))
            claimed = await cursor.fetchone()
        if claimed is None:
            raise LookupError(f"no session {session_id} that could be claimed")
        return claimed

    async def append(
        self,
        session: SessionRecord,
        events: Sequence[NewEvent],
        *,
        turns: Sequence[TurnRecord] = (),
        checkpoint: Checkpoint | None = None,
    ) -> int:
        """Write events, turns and the checkpoint in one transaction; return the `seq` of the first event.

        A turn that is already stored (same id) is replaced. Raises StaleOwner when the session was claimed
        again, has ended or was erased.
        """
        async with self._database.as_user(session.user_id) as connection:
            first = await _append(connection, session, events, checkpoint or Checkpoint(audio_ms=0))
            if first is None:
                raise StaleOwner(f"session {session.id} is not held by epoch {session.epoch}")
            if turns:
                await put_turns(connection, session.id, session.user_id, turns)
        return first

    async def finish(
        self,
        session: SessionRecord,
        events: Sequence[NewEvent],
        *,
        reason: str,
        summary: dict[str, Any],
        audio_ms: int,
    ) -> int:
        """End the session and queue its analysis in one transaction; return the `seq` of the first event.

        Ending a session twice changes nothing and returns what the first call returned. Raises StaleOwner.
        """
        async with self._database.as_user(session.user_id) as connection:
            first = await _append(connection, session, events, Checkpoint(audio_ms))
            if first is None:
                return await _first_of_earlier_end(connection, session, events)
            await connection.execute(
                _END,
                {
                    "session_id": session.id,
                    "reason": storable_text(reason)[:_MAX_REASON],
                    "summary": jsonb(summary),
                },
            )
            await connection.execute(
                "insert into analyses (session_id, user_id) values (%s, %s)", (session.id, session.user_id)
            )
        return first

    async def events_after(
        self, session_id: UUID, user_id: UUID, seq: int, limit: int = 500
    ) -> list[StoredEvent]:
        """Return the stored events whose number is greater than `seq`, in order."""
        async with self._database.as_user(user_id) as connection:
            cursor = connection.cursor(row_factory=class_row(StoredEvent))
            await cursor.execute(
                """
                select seq, type, payload from session_events
                where session_id = %s and seq > %s order by seq limit %s
                """,
                (session_id, seq, limit),
            )
            return await cursor.fetchall()


async def _append(
    connection: Connection, session: SessionRecord, events: Sequence[NewEvent], checkpoint: Checkpoint
) -> int | None:
    """Write the events and the checkpoint if the epoch is still current; return the first number or None."""
    cursor = await connection.execute(
        _APPEND,
        {
            "session_id": session.id,
            "epoch": session.epoch,
            "count": len(events),
            "types": [event.type for event in events],
            "payloads": [jsonb(event.payload) for event in events],
            "audio_ms": checkpoint.audio_ms,
            "snapshot": None if checkpoint.snapshot is None else jsonb(checkpoint.snapshot),
        },
    )
    row = await cursor.fetchone()
    return None if row is None else int(row[0])


async def _first_of_earlier_end(
    connection: Connection, session: SessionRecord, events: Sequence[NewEvent]
) -> int:
    stored = await session_by_id(connection, session.id)
    if stored is None or stored.epoch != session.epoch:
        raise StaleOwner(f"session {session.id} is not held by epoch {session.epoch}")
    cursor = await connection.execute(
        "select max(seq) from session_events where session_id = %s and type = %s",
        (session.id, events[0].type if events else None),
    )
    row = await cursor.fetchone()
    return int(row[0]) if row and row[0] is not None else stored.last_seq + 1
