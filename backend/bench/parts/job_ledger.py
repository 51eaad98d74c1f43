"""What became of every job, written down by the database itself.

A trigger of the benchmark's own notes each change of a job's status or attempt, so that a second effect or a
late recovery is seen even if no worker lived to tell.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import psycopg

from app.repositories.database import Database
from app.repositories.jobs import PostgresJobs
from app.repositories.live_sessions import PostgresLiveSessions
from app.repositories.sessions import PostgresSessions
from app.repositories.users import PostgresAccounts
from app.services.job_carrier import JobCarrier
from app.services.job_queue import JobKind
from app.services.session_store import NewEvent, TurnRecord

_TRIGGER = """
    create table job_changes (
      job_id uuid not null, status text not null, attempt integer not null,
      at timestamptz not null default clock_timestamp()
    );
    create function note_job_change() returns trigger language plpgsql security definer as $$
      begin
        insert into public.job_changes (job_id, status, attempt)
        values (new.id, new.status, new.attempt);
        return null;
      end
    $$;
    create trigger note_job_change after update on jobs for each row
      when (old.status <> new.status or old.attempt <> new.attempt)
      execute function note_job_change();
"""
_HELD_BY = """
    select id, attempt, clock_timestamp() from jobs
    where status = 'running' and lease_owner like '%%:' || %s::text
"""
_AFTER = """
    select attempt, at from job_changes where job_id = %s and at > %s order by at limit 1
"""
_UNFINISHED = """
    select count(*) from jobs j
    where j.status <> 'done' or not exists (select from analyses a where a.session_id = j.session_id)
"""
_TWICE = """
    select count(*) from jobs j
    where (select count(*) from job_changes c where c.job_id = j.id and c.status = 'done') > 1
       or (select count(*) from session_events e
           where e.session_id = j.session_id and e.type = 'session.analysis_ready') > 1
"""


@dataclass(frozen=True, slots=True)
class Orphan:
    """A job whose worker was killed, and when."""

    job_id: UUID
    attempt: int
    killed_at: datetime


class JobLedger:
    """Makes jobs as the product does, and looks behind its back at what becomes of them."""

    def __init__(self, superuser_conninfo: str, database: Database, carrier: JobCarrier | None) -> None:
        self._superuser = psycopg.connect(superuser_conninfo, autocommit=True)
        self._superuser.execute(_TRIGGER)
        self._database = database
        self._carrier = carrier
        self._user_ids: list[UUID] = []

    def close(self) -> None:
        """Let the connection go."""
        self._superuser.close()

    async def add_users(self, count: int) -> None:
        """Make learners who will own the jobs in turn."""
        accounts = PostgresAccounts(self._database)
        for _ in range(count):
            self._user_ids.append(uuid4())
            await accounts.add_development_user(self._user_ids[-1], f"{self._user_ids[-1]}@example.test")

    async def add_jobs(self, numbers: Iterable[int]) -> None:
        """End an exam of one silent answer for each number, which queues its analysis, and dispatch them."""
        for number in numbers:
            await self._end_exam(self._user_ids[number % len(self._user_ids)])
        if self._carrier is not None:
            await self._carrier.dispatch(await PostgresJobs(self._database).due(frozenset(JobKind)))

    async def _end_exam(self, user_id: UUID) -> None:
        created = await PostgresSessions(self._database).create(user_id, mode="quick", clock="short", plan={})
        store = PostgresLiveSessions(self._database)
        session = await store.claim(created.id, user_id)
        turn = TurnRecord(uuid4(), 0, "learner", 1, "", 0, 0)
        await store.append(session, [NewEvent("stt.final", {"type": "stt.final"})], turns=[turn])
        await store.finish(session, [], reason="completed", summary={}, audio_ms=0)

    def held_by(self, pid: int) -> Orphan | None:
        """Return the job that the process held when it was killed, a moment ago."""
        row = self._superuser.execute(_HELD_BY, (pid,)).fetchone()
        return None if row is None else Orphan(*row)

    def recovered_s(self, orphan: Orphan) -> float | None:
        """Return how long the job lay until it ran again.

        None when it did not, or when the killed worker's last words to the database had already ended it.
        """
        row = self._superuser.execute(_AFTER, (orphan.job_id, orphan.killed_at)).fetchone()
        if row is None or row[0] == orphan.attempt:
            return None
        return float((row[1] - orphan.killed_at).total_seconds())

    def unfinished(self) -> int:
        """Return how many jobs have no result."""
        return self._count(_UNFINISHED)

    def waiting(self) -> int:
        """Return how many jobs may still get one; the others are parked."""
        return self._count("select count(*) from jobs where status in ('queued', 'running')")

    def done_twice(self) -> int:
        """Return how many jobs have had their effect, result or event, more than once."""
        return self._count(_TWICE)

    def _count(self, query: str) -> int:
        row = self._superuser.execute(query.encode()).fetchone()
        assert row is not None
        return int(row[0])
