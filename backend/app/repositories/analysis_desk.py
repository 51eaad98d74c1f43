"""What the analysis worker reads and writes, in PostgreSQL."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from app.repositories.database import Connection, Database
from app.repositories.jobs import HELD, append_event, change_held, end_job
from app.repositories.jsonb import jsonb, storable_text
from app.repositories.sessions import session_by_id
from app.repositories.training_cards import absorb_session
from app.repositories.turns import turns_of
from app.services.analysis_store import EarlierAnalysis, StoredMaterial
from app.services.hybrid_analyzer.findings import Finding
from app.services.job_queue import Job
from app.services.session_store import NewEvent, SessionRecord, TurnRecord
from app.services.training_engine import Weakness

_RESULT = """
    insert into analyses (session_id, user_id, method_version, result)
    values (%(session_id)s, %(user_id)s, %(method_version)s, %(result)s)
    on conflict (session_id) do update
    set method_version = excluded.method_version, result = excluded.result, created_at = now()
"""
_TRANSCRIPT = f"""
    update turns set text = %(text)s, words = %(words)s, analysis = null, untranscribed = %(untranscribed)s
    where id = %(turn_id)s and session_id = %(session_id)s
      and exists (select 1 from jobs where {HELD.replace("id =", "jobs.id =", 1)})
"""
_FINDING = """
    insert into findings (id, session_id, turn_id, user_id, rule_id, category, criterion, severity,
                          confidence, source, char_start, char_end, start_ms, end_ms, quote, correction,
                          explanation, explanation_uz, rule_version)
    values (%(id)s, %(session_id)s, %(turn_id)s, %(user_id)s, %(rule_id)s, %(category)s, %(criterion)s,
            %(severity)s, %(confidence)s, %(source)s, %(char_start)s, %(char_end)s, %(start_ms)s, %(end_ms)s,
            %(quote)s, %(correction)s, %(explanation)s, %(explanation_uz)s, %(rule_version)s)
"""
EARLIER_SESSIONS = 5
_EARLIER = """
    select s.id as session_id, s.ended_at, s.mode, a.method_version, a.result,
           coalesce((select jsonb_object_agg(rule_id, uses)
                     from (select rule_id, count(*) as uses from findings f
                           where f.session_id = s.id group by rule_id) counted), '{}') as mistakes
    from sessions s join analyses a on a.session_id = s.id
    where s.user_id = %(user_id)s and s.id <> %(session_id)s and s.created_at < %(created_at)s
    order by s.created_at desc limit %(limit)s
"""


class PostgresAnalysisDesk:
    """AnalysisDesk over PostgreSQL; works as the service, for every learner."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def material(self, session_id: UUID) -> StoredMaterial | None:
        """Return what there is to analyse, or None when the session was erased."""
        async with self._database.as_service() as connection:
            session = await session_by_id(connection, session_id)
            if session is None:
                return None
            return StoredMaterial(
                session, await turns_of(connection, session_id), await earlier_analyses(connection, session)
            )

    async def put_transcript(self, job: Job, turn: TurnRecord) -> None:
        """Store what was understood of an answer later. Raises LeaseLost."""
        async with self._database.as_service() as connection:
            await change_held(
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
        job: Job,
        *,
        method_version: str,
        result: dict[str, Any],
        findings: Sequence[Finding],
        event: NewEvent,
        weaknesses: Sequence[Weakness] = (),
    ) -> int:
        """Store the result, its findings and the event and end the job, in one transaction.

        What is to be trained becomes the learner's cards in the same transaction, once a session.

        Return the event's `seq`. Raises LeaseLost.
        """
        async with self._database.as_service() as connection:
            await end_job(connection, job)
            await connection.execute(
                _RESULT,
                {
                    "session_id": job.session_id,
                    "user_id": job.user_id,
                    "method_version": method_version,
                    "result": jsonb(result),
                },
            )
            await connection.execute("delete from findings where session_id = %s", (job.session_id,))
            async with connection.cursor() as cursor:
                await cursor.executemany(_FINDING, [_finding_row(job, finding) for finding in findings])
            await absorb_session(connection, job.user_id, job.session_id, weaknesses)
            return await append_event(connection, job, event)


async def earlier_analyses(connection: Connection, session: SessionRecord) -> list[EarlierAnalysis]:
    """Return the learner's last EARLIER_SESSIONS analyses from before this session, newest first."""
    cursor = connection.cursor(row_factory=class_row(EarlierAnalysis))
    await cursor.execute(
        _EARLIER,
        {
            "user_id": session.user_id,
            "session_id": session.id,
            "created_at": session.created_at,
            "limit": EARLIER_SESSIONS,
        },
    )
    return await cursor.fetchall()


def _finding_row(job: Job, finding: Finding) -> dict[str, Any]:
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
