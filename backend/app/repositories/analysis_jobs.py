"""Analyses in PostgreSQL as jobs: leases, attempts, and the result written once."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from app.repositories.database import Connection, Database
from app.repositories.jsonb import jsonb, storable_text
from app.repositories.sessions import session_by_id
from app.repositories.training_cards import absorb_session
from app.repositories.turns import turns_of
from app.services.analysis_store import AnalysisJob, EarlierAnalysis, LeaseLost, StoredMaterial
from app.services.hybrid_analyzer.findings import Finding
from app.services.session_store import NewEvent, TurnRecord
from app.services.training_engine import Weakness

MAX_ATTEMPTS = 5
FIRST_RETRY_S = 5.0
"""Seconds until a failed job is tried again; doubles with each attempt."""

_JOB = "id, session_id, user_id, attempt, lease_owner, lease_until"
_IS_DUE = "(status = 'queued' and run_after <= now()) or (status = 'running' and lease_until < now())"
FAIR_WINDOW_S = 300
"""A learner's analyses that began within this time count against the learner's next one."""
_CLAIM = f"""
    with served as (
      select user_id, count(*) as analyses from analyses
      where started_at > now() - make_interval(secs => {FAIR_WINDOW_S})
         or (status = 'running' and lease_until >= now())
      group by user_id
    )
    update analyses
    set status = 'running', attempt = attempt + 1, progress = 0, lease_owner = %(worker)s,
        lease_until = now() + make_interval(secs => %(lease_s)s), started_at = coalesce(started_at, now())
    where id = (
      select due.id from analyses due left join served on served.user_id = due.user_id
      where {_IS_DUE}
      order by due.status = 'running' desc, coalesce(served.analyses, 0), due.run_after
      limit 1 for update of due skip locked
    )
    returning {_JOB}
"""
_HELD = "id = %(id)s and status = 'running' and lease_owner = %(lease_owner)s and attempt = %(attempt)s"
MAX_DUE = 1_000
_DUE = f"select count(*) from (select 1 from analyses where {_IS_DUE} limit {MAX_DUE}) due".encode()
_HEARTBEAT = f"""
    update analyses set lease_until = now() + make_interval(secs => %(lease_s)s), progress = %(progress)s
    where {_HELD} returning {_JOB}
"""
_COMPLETE = f"""
    update analyses
    set status = 'done', progress = 100, result = %(result)s, method_version = %(method_version)s,
        error = null, finished_at = now(), lease_owner = null, lease_until = null
    where {_HELD}
"""
_TRANSCRIPT = f"""
    update turns set text = %(text)s, words = %(words)s, analysis = null, untranscribed = %(untranscribed)s
    where id = %(turn_id)s and session_id = %(session_id)s
      and exists (select 1 from analyses where {_HELD.replace("id =", "analyses.id =", 1)})
"""
_RETRY = f"""
    update analyses
    set status = 'queued', progress = 0, error = %(error)s, lease_owner = null, lease_until = null,
        run_after = now() + make_interval(secs => %(delay_s)s)
    where {_HELD}
"""
_PARK = f"""
    update analyses
    set status = 'failed', error = %(error)s, finished_at = now(), lease_owner = null, lease_until = null
    where {_HELD}
"""
_RESTORE = """
    update analyses
    set status = 'queued', attempt = 0, progress = 0, run_after = now(), started_at = null, finished_at = null
    where (id = %(id)s or session_id = %(id)s) and status = 'failed'
    returning id
"""
_EVENT = """
    with numbered as (
      update sessions set last_event_seq = last_event_seq + 1 where id = %(session_id)s
      returning id, user_id, last_event_seq
    )
    insert into session_events (session_id, seq, user_id, type, payload)
    select id, last_event_seq, user_id, %(type)s, %(payload)s from numbered
    returning seq
"""
_FINDING = """
    insert into findings (id, session_id, turn_id, user_id, rule_id, category, criterion, severity,
                          confidence, source, char_start, char_end, start_ms, end_ms, quote, correction,
                          explanation, explanation_uz, rule_version)
    values (%(id)s, %(session_id)s, %(turn_id)s, %(user_id)s, %(rule_id)s, %(category)s, %(criterion)s,
            %(severity)s, %(confidence)s, %(source)s, %(char_start)s, %(char_end)s, %(start_ms)s, %(end_ms)s,
            %(quote)s, %(correction)s, %(explanation)s, %(explanation_uz)s, %(rule_version)s)
"""
_MAX_ERROR = 2_000
EARLIER_SESSIONS = 5
_EARLIER = """
    select s.id as session_id, s.ended_at, s.mode, a.method_version, a.result,
           coalesce((select jsonb_object_agg(rule_id, uses)
                     from (select rule_id, count(*) as uses from findings f
                           where f.session_id = s.id group by rule_id) counted), '{}') as mistakes
    from sessions s join analyses a on a.session_id = s.id
    where s.user_id = %(user_id)s and s.id <> %(session_id)s and s.created_at < %(created_at)s
      and a.status = 'done'
    order by s.created_at desc limit %(limit)s
"""


class PostgresAnalysisJobs:
    """AnalysisJobs over PostgreSQL; works as the service, for every learner."""

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

    async def claim(self, worker: str, *, lease_s: float) -> AnalysisJob | None:
        """Take a job that is due: one whose worker let its lease run out, then queued ones.

        Among those the learner comes first for whom least was begun in the last FAIR_WINDOW_S, then the job
        that has waited longest, so that nobody waits behind somebody else's many.

        A job whose `attempt` is above `max_attempts` has killed its workers; end it with `fail`.
        """
        async with self._database.as_service() as connection:
            cursor = connection.cursor(row_factory=class_row(AnalysisJob))
            await cursor.execute(_CLAIM, {"worker": worker, "lease_s": lease_s})
            return await cursor.fetchone()

    async def due(self) -> int:
        """Return how many jobs `claim` could hand out now, MAX_DUE at most."""
        async with self._database.as_service() as connection:
            cursor = await connection.execute(_DUE)
            row = await cursor.fetchone()
        return 0 if row is None else int(row[0])

    async def heartbeat(self, job: AnalysisJob, *, lease_s: float, progress: int) -> AnalysisJob:
        """Hold the job for `lease_s` more seconds and say how far it is (percent). Raises LeaseLost."""
        async with self._database.as_service() as connection:
            cursor = connection.cursor(row_factory=class_row(AnalysisJob))
            await cursor.execute(_HEARTBEAT, {**_held(job), "lease_s": lease_s, "progress": progress})
            held = await cursor.fetchone()
        if held is None:
            raise _lost(job)
        return held

    async def material(self, session_id: UUID) -> StoredMaterial | None:
        """Return what there is to analyse, or None when the session was erased."""
        async with self._database.as_service() as connection:
            session = await session_by_id(connection, session_id)
            if session is None:
                return None
            cursor = connection.cursor(row_factory=class_row(EarlierAnalysis))
            await cursor.execute(
                _EARLIER,
                {
                    "user_id": session.user_id,
                    "session_id": session_id,
                    "created_at": session.created_at,
                    "limit": EARLIER_SESSIONS,
                },
            )
            earlier = await cursor.fetchall()
            return StoredMaterial(session, await turns_of(connection, session_id), earlier)

    async def put_transcript(self, job: AnalysisJob, turn: TurnRecord) -> None:
        """Store what was understood of an answer later. Raises LeaseLost."""
        async with self._database.as_service() as connection:
            await _change_held(
                connection,
                _TRANSCRIPT,
                job,
                {
                    "turn_id": turn.id,
                    "session_id": job.session_id,
                    "text": storable_text(turn.text),
                    "words": jsonb(turn.words),
                    "untranscribed": turn.untranscribed,
                },
            )

    async def complete(
        self,
        job: AnalysisJob,
        *,
        method_version: str,
        result: dict[str, Any],
        findings: Sequence[Finding],
        event: NewEvent,
        weaknesses: Sequence[Weakness] = (),
    ) -> int:
        """Store the result, its findings and the event in one transaction; return the event's `seq`.

        What is to be trained becomes the learner's cards in the same transaction, once a session.

        Raises LeaseLost.
        """
        async with self._database.as_service() as connection:
            await _change_held(
                connection, _COMPLETE, job, {"result": jsonb(result), "method_version": method_version}
            )
            await connection.execute("delete from findings where session_id = %s", (job.session_id,))
            async with connection.cursor() as cursor:
                await cursor.executemany(_FINDING, [_finding_row(job, finding) for finding in findings])
            await absorb_session(connection, job.user_id, job.session_id, weaknesses)
            return await _append_event(connection, job, event)

    async def fail(self, job: AnalysisJob, error: str, *, event: NewEvent) -> int | None:
        """Put the job back for a later attempt, or, after the last one, park it as failed.

        Return the `seq` of `event`, which is stored only with a parked job, or None when it will be tried
        again. Raises LeaseLost.
        """
        reason = storable_text(error)[:_MAX_ERROR]
        async with self._database.as_service() as connection:
            if job.attempt >= self._max_attempts:
                await _change_held(connection, _PARK, job, {"error": reason})
                return await _append_event(connection, job, event)
            delay_s = self._first_retry_s * 2 ** (job.attempt - 1)
            await _change_held(connection, _RETRY, job, {"error": reason, "delay_s": delay_s})
        return None

    async def retry(self, analysis_or_session_id: UUID) -> bool:
        """Queue a parked job again with all its attempts; False when no such job is parked.

        The error that parked it stays on the row until the job is done.
        """
        async with self._database.as_service() as connection:
            cursor = await connection.execute(_RESTORE, {"id": analysis_or_session_id})
            return cursor.rowcount == 1


async def _change_held(
    connection: Connection, statement: str, job: AnalysisJob, values: dict[str, Any]
) -> None:
    cursor = await connection.execute(statement.encode(), {**_held(job), **values})
    if cursor.rowcount != 1:
        raise _lost(job)


async def _append_event(connection: Connection, job: AnalysisJob, event: NewEvent) -> int:
    cursor = await connection.execute(
        _EVENT, {"session_id": job.session_id, "type": event.type, "payload": jsonb(event.payload)}
    )
    row = await cursor.fetchone()
    if row is None:
        raise _lost(job)
    return int(row[0])


def _held(job: AnalysisJob) -> dict[str, Any]:
    return {"id": job.id, "lease_owner": job.lease_owner, "attempt": job.attempt}


def _lost(job: AnalysisJob) -> LeaseLost:
    return LeaseLost(f"{job.lease_owner} no longer holds analysis {job.id}")


def _finding_row(job: AnalysisJob, finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "session_id": job.session_id,
        "turn_id": finding.turn_id,
        "user_id": job.user_id,
        "rule_id": finding.rule_id,
        "category": finding.category,
        "criterion": finding.criterion,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "source": finding.source,
        "char_start": finding.char_start,
        "char_end": finding.char_end,
        "start_ms": finding.start_ms,
        "end_ms": finding.end_ms,
        "quote": storable_text(finding.quote),
        "correction": storable_text(finding.correction),
        "explanation": storable_text(finding.explanation),
        "explanation_uz": None if finding.explanation_uz is None else storable_text(finding.explanation_uz),
        "rule_version": finding.rule_version,
    }
