"""The queue of jobs in PostgreSQL: leases, attempts, and whose turn it is."""

from typing import Any
from uuid import UUID

from psycopg.rows import kwargs_row

from app.repositories.database import Connection, Database
from app.repositories.jsonb import jsonb, storable_text
from app.services.job_backlog import Backlog, KindBacklog
from app.services.job_queue import PATIENT, Job, JobKind, LeaseLost
from app.services.session_store import NewEvent

MAX_ATTEMPTS = 5
FIRST_RETRY_S = 5.0
"""Seconds until a failed job is tried again; doubles with each attempt."""
FAIR_WINDOW_S = 300
"""A learner's jobs that began within this time count against the learner's next one."""
MAX_DUE = 1_000

_JOB = "id, kind, session_id, user_id, attempt, lease_owner, lease_until"
_IS_DUE = """
    kind = any(%(kinds)s)
    and ((status = 'queued' and run_after <= now()) or (status = 'running' and lease_until < now()))
"""
_CLAIM = f"""
    with served as (
      select user_id, count(*) as jobs from jobs
      where kind <> all(%(patient)s)
        and (started_at > now() - make_interval(secs => {FAIR_WINDOW_S})
             or (status = 'running' and lease_until >= now()))
      group by user_id
    )
    update jobs
    set status = 'running', attempt = attempt + 1, progress = 0, lease_owner = %(worker)s,
        lease_until = now() + make_interval(secs => %(lease_s)s), started_at = coalesce(started_at, now())
    where id = (
      select due.id from jobs due left join served on served.user_id = due.user_id
      where {_IS_DUE}
      order by due.kind = any(%(patient)s), due.status = 'running' desc, coalesce(served.jobs, 0),
        due.run_after
      limit 1 for update of due skip locked
    )
    returning {_JOB}
"""
_BACKLOG = """
    select kind, count(*) filter (where due),
      coalesce(extract(epoch from now() - min(since) filter (where due)), 0), count(*) filter (where not due)
    from (
      select kind, run_after as since, true as due from jobs where status = 'queued' and run_after <= now()
      union all
      select kind, lease_until, lease_until < now() from jobs where status = 'running'
    ) waiting
    group by kind
"""
_DUE = f"select count(*) from (select 1 from jobs where {_IS_DUE} limit {MAX_DUE}) due"
HELD = "id = %(id)s and status = 'running' and lease_owner = %(lease_owner)s and attempt = %(attempt)s"
"""Whether the worker that `held` names still holds the job; a condition on `jobs`."""
_HEARTBEAT = f"""
    update jobs set lease_until = now() + make_interval(secs => %(lease_s)s), progress = %(progress)s
    where {HELD} returning {_JOB}
"""
_END = f"""
    update jobs
    set status = 'done', progress = 100, error = null, finished_at = now(), lease_owner = null,
        lease_until = null
    where {HELD}
"""
_RETRY = f"""
    update jobs
    set status = 'queued', progress = 0, error = %(error)s, lease_owner = null, lease_until = null,
        run_after = now() + make_interval(secs => %(delay_s)s)
    where {HELD}
"""
_PARK = f"""
    update jobs
    set status = 'failed', error = %(error)s, finished_at = now(), lease_owner = null, lease_until = null
    where {HELD}
"""
_RESTORE = """
    update jobs
    set status = 'queued', attempt = 0, progress = 0, run_after = now(), started_at = null, finished_at = null
    where (%(id)s::uuid is null or id = %(id)s or session_id = %(id)s) and status = 'failed'
    returning id
"""
_QUEUE = "insert into jobs (kind, session_id, user_id) values (%s, %s, %s) on conflict do nothing"
_EVENT = """
    with numbered as (
      update sessions set last_event_seq = last_event_seq + 1 where id = %(session_id)s
      returning id, user_id, last_event_seq
    )
    insert into session_events (session_id, seq, user_id, type, payload)
    select id, last_event_seq, user_id, %(type)s, %(payload)s from numbered
    returning seq
"""
_MAX_ERROR = 2_000


class PostgresJobs:
    """JobQueue over PostgreSQL; works as the service, for every learner."""

    def __init__(
        self, database: Database, *, max_attempts: int = MAX_ATTEMPTS, first_retry_s: float = FIRST_RETRY_S
    ) -> None:
        self._database = database
        self._max_attempts = max_attempts
        self._first_retry_s = first_retry_s

    @property
    def max_attempts(self) -> int:
        """How often a job is tried before it is parked."""
        return self._max_attempts

    async def claim(self, worker: str, kinds: frozenset[JobKind], *, lease_s: float) -> Job | None:
        """Take a job that is due: one whose worker let its lease run out, then queued ones.

        PATIENT ones come last. Otherwise the learner comes first for whom least was begun in the last
        FAIR_WINDOW_S, then the job that has waited longest, so that nobody waits behind somebody else's many.

        A job whose `attempt` is above `max_attempts` has killed its workers; end it with `fail`.
        """
        async with self._database.as_service() as connection:
            cursor = connection.cursor(row_factory=kwargs_row(_job))
            await cursor.execute(
                _CLAIM,
                {"worker": worker, "kinds": sorted(kinds), "patient": sorted(PATIENT), "lease_s": lease_s},
            )
            return await cursor.fetchone()

    async def due(self, kinds: frozenset[JobKind]) -> int:
        """Return how many jobs `claim` could hand out now, MAX_DUE at most."""
        async with self._database.as_service() as connection:
            cursor = await connection.execute(_DUE.encode(), {"kinds": sorted(kinds)})
            row = await cursor.fetchone()
        return 0 if row is None else int(row[0])

    async def backlog(self) -> Backlog:
        """Return how far the workers are behind, with a line for every kind. Raises StorageUnavailable."""
        async with self._database.as_service() as connection:
            rows = await (await connection.execute(_BACKLOG)).fetchall()
        found = {kind: (due, float(oldest_s), running) for kind, due, oldest_s, running in rows}
        return Backlog(tuple(KindBacklog(kind, *found.get(kind, (0, 0.0, 0))) for kind in JobKind))

    async def heartbeat(self, job: Job, *, lease_s: float, progress: int) -> Job:
        """Hold the job for `lease_s` more seconds and say how far it is (percent). Raises LeaseLost."""
        async with self._database.as_service() as connection:
            cursor = connection.cursor(row_factory=kwargs_row(_job))
            await cursor.execute(_HEARTBEAT, {**held(job), "lease_s": lease_s, "progress": progress})
            still_held = await cursor.fetchone()
        if still_held is None:
            raise _lost(job)
        return still_held

    async def fail(self, job: Job, error: str, *, event: NewEvent | None) -> bool:
        """Put the job back for a later attempt, or, after the last one, park it as failed.

        Return whether it is parked; `event`, what the learner is told then, is stored with it. Raises
        LeaseLost.
        """
        reason = storable_text(error)[:_MAX_ERROR]
        async with self._database.as_service() as connection:
            if job.attempt >= self._max_attempts:
                await change_held(connection, _PARK, job, {"error": reason})
                if event is not None:
                    await append_event(connection, job, event)
                return True
            delay_s = self._first_retry_s * 2 ** (job.attempt - 1)
            await change_held(connection, _RETRY, job, {"error": reason, "delay_s": delay_s})
        return False

    async def retry(self, job_or_session_id: UUID | None) -> int:
        """Queue parked jobs again with all their attempts: one, a session's, or with None all of them.

        Return how many. The error that parked a job stays on its row until the job is done.
        """
        async with self._database.as_service() as connection:
            cursor = await connection.execute(_RESTORE, {"id": job_or_session_id})
            return cursor.rowcount


async def queue_job(connection: Connection, kind: JobKind, session_id: UUID, user_id: UUID) -> None:
    """Queue a job in the caller's transaction, unless the session has one of its kind already."""
    await connection.execute(_QUEUE, (kind, session_id, user_id))


async def end_job(connection: Connection, job: Job) -> None:
    """Say in the caller's transaction, the one that stores the result, that the job is done.

    Raises LeaseLost.
    """
    await change_held(connection, _END, job, {})


async def append_event(connection: Connection, job: Job, event: NewEvent) -> int:
    """Write an event into the log of the job's session; return its `seq`. Raises LeaseLost."""
    cursor = await connection.execute(
        _EVENT, {"session_id": job.session_id, "type": event.type, "payload": jsonb(event.payload)}
    )
    row = await cursor.fetchone()
    if row is None:
        raise _lost(job)
    return int(row[0])


async def change_held(connection: Connection, statement: str, job: Job, values: dict[str, Any]) -> None:
    """Run a statement that changes one row if the job is HELD. Raises LeaseLost."""
    cursor = await connection.execute(statement.encode(), {**held(job), **values})
    if cursor.rowcount != 1:
        raise _lost(job)


def held(job: Job) -> dict[str, Any]:
    """Return the values of the condition HELD."""
    return {"id": job.id, "lease_owner": job.lease_owner, "attempt": job.attempt}


def _lost(job: Job) -> LeaseLost:
    return LeaseLost(f"{job.lease_owner} no longer holds {job.kind} {job.id}")


def _job(kind: str, **columns: Any) -> Job:
    return Job(kind=JobKind(kind), **columns)
