"""Live sessions in PostgreSQL: the log of durable events, written by one owner at a time."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from app.repositories.database import Connection, Database
from app.repositories.erasure import gone_of
from app.repositories.jobs import queue_job
from app.repositories.jsonb import jsonb, storable_text
from app.repositories.sessions import SESSION_COLUMNS, session_by_id
from app.repositories.turns import put_turns, turns_of
from app.services.exam_quota import DAY_HOURS, ExamQuota
from app.services.job_queue import JobKind
from app.services.session_store import (
    Checkpoint,
    LeaseHeld,
    NewEvent,
    SessionRecord,
    StaleOwner,
    StoredEvent,
    TurnRecord,
    Wish,
)

LEASE_S = 10.0
"""A session whose process has not written for so long may be claimed by another."""
SWEEP_AT_ONCE = 5

_CLAIM = f"""
    update sessions
    set epoch = epoch + 1, status = 'live', started_at = coalesce(started_at, now()),
        lease_owner = %(owner)s, lease_until = now() + make_interval(secs => %(lease_s)s),
        handover_requested = false
    where id = %(session_id)s and user_id = %(user_id)s and status <> 'ended'
      and (lease_until is null or lease_until <= now() or lease_owner = %(owner)s)
    returning {SESSION_COLUMNS}
"""
_BEGINS = "select 1 from sessions where id = %s and user_id = %s and status = 'created'"
# Whoever begins another exam of the same learner waits here, in whichever process, until this one has begun.
_QUEUE_UP = "select pg_advisory_xact_lock(hashtextextended('exams of ' || %s::text, 0))"
_USED = f"""
    select count(*) filter (where status = 'live'),
           coalesce(sum(audio_ms) filter (where started_at > now() - interval '{DAY_HOURS} hours'), 0)::bigint
    from sessions where user_id = %s
"""
# The update's row lock makes writers of one session queue up, so numbers have no gaps and no twins.
_APPEND = """
    with owned as (
      update sessions
      set last_event_seq = last_event_seq + %(count)s,
          audio_ms = greatest(audio_ms, %(audio_ms)s),
          snapshot = coalesce(%(snapshot)s, snapshot),
          lease_until = now() + make_interval(secs => %(lease_s)s)
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
    update sessions set status = 'ended', ended_at = now(), end_reason = %(reason)s, summary = %(summary)s,
        lease_owner = null, lease_until = null, handover_requested = false
    where id = %(session_id)s
"""
# The moment stays: from it counts how long nobody has come back.
_RELEASE = """
    update sessions set lease_until = now(), lease_owner = null, handover_requested = false
    where id = %(session_id)s and epoch = %(epoch)s and status = 'live'
"""
# The epoch goes up, so that a write still under way when its process died is refused.
_RELEASE_LEFT = """
    update sessions set epoch = epoch + 1, lease_until = now(), lease_owner = null, handover_requested = false
    where lease_owner = %s and status = 'live'
"""
_ABANDONED = f"""
    select {SESSION_COLUMNS} from sessions
    where status = 'live' and coalesce(lease_until, started_at) < now() - make_interval(secs => %(grace_s)s)
    order by lease_until limit %(limit)s
"""
_MAX_REASON = 200


class PostgresLiveSessions:
    """SessionStore over PostgreSQL. `owner` names this process in the leases it takes; `quota` is what one
    learner may begin, over all processes."""

    def __init__(
        self,
        database: Database,
        *,
        owner: str = "this process",
        lease_s: float = LEASE_S,
        quota: ExamQuota | None = None,
    ) -> None:
        self._database = database
        self._owner = owner
        self._lease_s = lease_s
        self._quota = quota or ExamQuota()

    async def load(self, session_id: UUID, user_id: UUID) -> SessionRecord | None:
        """Return the user's session, or None where there is none of that id that the user may see."""
        async with self._database.as_user(user_id) as connection:
            return await session_by_id(connection, session_id)

    async def claim(self, session_id: UUID, user_id: UUID) -> SessionRecord:
        """Take the session over: its epoch goes up by one and its status from `created` to `live`.

        Raises LookupError when the session is not the user's or has ended, LeaseHeld while another process
        holds it, QuotaReached when it would begin and may not.
        """
        async with self._database.as_service_for(user_id) as connection:
            if self._quota.is_bounded:
                await self._check_quota(connection, session_id, user_id)
            cursor = connection.cursor(row_factory=class_row(SessionRecord))
            await cursor.execute(
                _CLAIM,
                {
                    "session_id": session_id,
                    "user_id": user_id,
                    "owner": self._owner,
                    "lease_s": self._lease_s,
                },
            )
            claimed = await cursor.fetchone()
            held = None if claimed else await session_by_id(connection, session_id)
        if held is not None and held.user_id == user_id and held.status == "live":
            raise LeaseHeld(f"session {session_id} is held by another process")
        if claimed is None:
            raise LookupError(f"no session {session_id} that could be claimed")
        return claimed

    async def request_handover(self, session_id: UUID, user_id: UUID, client: str | None) -> None:
        """Ask the process that holds the session to let it go, for a client of this name."""
        async with self._database.as_user(user_id) as connection:
            await connection.execute(
                """
                update sessions set handover_requested = true, handover_client = %s
                where id = %s and status = 'live'
                """,
                (client, session_id),
            )

    async def release(self, session: SessionRecord) -> None:
        """Let the session go, for any process to claim; nothing happens when it is not held any more."""
        async with self._database.as_user(session.user_id) as connection:
            await connection.execute(_RELEASE, {"session_id": session.id, "epoch": session.epoch})

    async def release_left_by(self, owner: str) -> int:
        """Let every session go that the process of this name has left behind; return how many there were.

        Only for a process that is known to have ended.
        """
        async with self._database.as_service() as connection:
            return (await connection.execute(_RELEASE_LEFT, (owner,))).rowcount

    async def wanted(self) -> list[Wish]:
        """Return what other processes ask of this one."""
        async with self._database.as_service() as connection:
            cursor = connection.cursor(row_factory=class_row(Wish))
            await cursor.execute(
                """
                select id as session_id, handover_client as client from sessions
                where lease_owner = %s and handover_requested
                """,
                (self._owner,),
            )
            return await cursor.fetchall()

    async def gone(self, session_ids: Sequence[UUID]) -> list[UUID]:
        """Return which of the sessions do not exist any more."""
        async with self._database.as_service() as connection:
            return await gone_of(connection, session_ids)

    async def abandoned(self, grace_ms: int, *, limit: int = SWEEP_AT_ONCE) -> list[SessionRecord]:
        """Return live sessions, the oldest first, that nobody has held for more than `grace_ms`."""
        async with self._database.as_service() as connection:
            cursor = connection.cursor(row_factory=class_row(SessionRecord))
            await cursor.execute(_ABANDONED, {"grace_s": grace_ms / 1000, "limit": limit})
            return await cursor.fetchall()

    async def turns(self, session_id: UUID, user_id: UUID) -> list[TurnRecord]:
        """Return the session's turns in order."""
        async with self._database.as_user(user_id) as connection:
            return await turns_of(connection, session_id)

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
            first = await self._append(connection, session, events, checkpoint or Checkpoint(audio_ms=0))
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
            first = await self._append(connection, session, events, Checkpoint(audio_ms))
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
            await queue_job(connection, JobKind.ANALYSIS, session.id, session.user_id)
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

    async def _check_quota(self, connection: Connection, session_id: UUID, user_id: UUID) -> None:
        """Raises QuotaReached for a session that has not begun; one that is under way is not looked at."""
        if await (await connection.execute(_BEGINS, (session_id, user_id))).fetchone() is None:
            return
        await connection.execute(_QUEUE_UP, (user_id,))
        used = await (await connection.execute(_USED, (user_id,))).fetchone()
        assert used is not None
        self._quota.check(under_way=used[0], sent_ms=used[1])

    async def _append(
        self,
        connection: Connection,
        session: SessionRecord,
        events: Sequence[NewEvent],
        checkpoint: Checkpoint,
    ) -> int | None:
        """Write the events and the checkpoint if the epoch is current; return the first number or None."""
        cursor = await connection.execute(
            _APPEND,
            {
                "session_id": session.id,
                "epoch": session.epoch,
                "lease_s": self._lease_s,
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
