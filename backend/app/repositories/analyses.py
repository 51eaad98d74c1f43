"""Analyses in PostgreSQL, as their learner reads them."""

from dataclasses import replace
from uuid import UUID

from psycopg.rows import class_row

from app.repositories.database import Connection, Database
from app.services.analysis_store import AnalysisView
from app.services.hybrid_analyzer.findings import Finding

_ANALYSIS = """
    select j.id, j.session_id, j.status, j.progress, a.method_version, a.result, j.created_at, j.started_at,
           j.finished_at
    from jobs j left join analyses a on a.session_id = j.session_id
    where j.session_id = %s and j.kind = 'analysis'
"""
_FINDINGS = """
    select f.id, f.rule_id, f.category, f.criterion, f.severity, f.confidence, f.source,
           f.turn_id::text as turn_id, f.char_start, f.char_end, f.start_ms, f.end_ms, f.quote, f.correction,
           f.explanation, f.explanation_uz, f.rule_version
    from findings f join turns t on t.id = f.turn_id
    where f.session_id = %s
    order by t.idx, f.char_start, f.id
"""
_VERDICTS = "select finding_id, verdict from finding_feedback where session_id = %s"


class PostgresAnalyses:
    """AnalysisArchive over PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_session(self, user_id: UUID, session_id: UUID) -> AnalysisView | None:
        """Return the session's analysis with its findings in order of their place, or None."""
        async with self._database.as_user(user_id) as connection:
            cursor = connection.cursor(row_factory=class_row(AnalysisView))
            await cursor.execute(_ANALYSIS, (session_id,))
            analysis = await cursor.fetchone()
            if analysis is None or analysis.status != "done":
                return analysis
            said = await connection.execute(_VERDICTS, (session_id,))
            return replace(
                analysis,
                findings=await findings_of(connection, session_id),
                verdicts=dict(await said.fetchall()),
            )


async def findings_of(connection: Connection, session_id: UUID) -> list[Finding]:
    """Return the session's findings in order of their place."""
    cursor = connection.cursor(row_factory=class_row(Finding))
    await cursor.execute(_FINDINGS, (session_id,))
    return await cursor.fetchall()
