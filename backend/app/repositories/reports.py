"""Reports in PostgreSQL: asked for by learners, made from what is stored about their sessions."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import psycopg
from psycopg.rows import class_row, dict_row

from app.repositories.analyses import findings_of
from app.repositories.analysis_desk import earlier_analyses
from app.repositories.database import Connection, Database
from app.repositories.jobs import end_job, queue_job
from app.repositories.sessions import session_by_id
from app.repositories.training_progress import plan_material_of
from app.repositories.turns import turns_of
from app.services.job_queue import Job, JobKind
from app.services.reports import ReportMaterial
from app.services.reports.store import ReportView
from app.services.training_engine.plan import DAY_LOAD, DAYS, WeekPlan, plan_week

_STATE = """
    select session_id, status, progress, created_at, finished_at from jobs
    where session_id = %s and kind = 'pdf'
"""
_LEARNER = """
    select display_name, native_language, interface_language, time_zone, target_band, exam_date, a.result,
           j.created_at as asked_at
    from analyses a join profiles p on p.id = a.user_id
      join jobs j on j.session_id = a.session_id and j.kind = 'pdf'
    where a.session_id = %s
"""
UZBEK = "uz"


class PostgresReports:
    """ReportArchive and ReportDesk over PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def request(self, user_id: UUID, session_id: UUID) -> ReportView:
        """Queue the report of the learner's ended session unless it was asked for before; return its state.

        Raises LookupError where the learner has no such session that has ended.
        """
        try:
            async with self._database.as_user(user_id) as connection:
                await queue_job(connection, JobKind.PDF, session_id, user_id)
                state = await _state(connection, session_id)
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ForeignKeyViolation) as refused:
            raise LookupError(f"no ended session {session_id}") from refused
        if state is None:
            raise LookupError(f"no ended session {session_id}")
        return state

    async def of_session(self, user_id: UUID, session_id: UUID) -> ReportView | None:
        """Return the state of the session's report, None when nobody has asked for one."""
        async with self._database.as_user(user_id) as connection:
            return await _state(connection, session_id)

    async def material(self, session_id: UUID) -> ReportMaterial | None:
        """Return what there is to report, None for a session that was erased or is not analysed."""
        async with self._database.as_service() as connection:
            session = await session_by_id(connection, session_id)
            learner = await _learner(connection, session_id)
            if session is None or learner is None:
                return None
            return ReportMaterial(
                session_id=str(session.id),
                held_at=_local(session.started_at or session.created_at, learner["time_zone"]),
                mode=session.mode,
                clock=session.clock,
                turns=await turns_of(connection, session_id),
                analysis=learner["result"],
                findings=await findings_of(connection, session_id),
                learner=learner["display_name"],
                uzbek=UZBEK in {learner["native_language"][:2], learner["interface_language"][:2]},
                earlier=await earlier_analyses(connection, session),
                plan=await _week(connection, session.user_id, learner),
            )

    async def complete(self, job: Job) -> None:
        """Say that the report's bytes are stored. Raises LeaseLost."""
        async with self._database.as_service() as connection:
            await end_job(connection, job)


async def _state(connection: Connection, session_id: UUID) -> ReportView | None:
    cursor = connection.cursor(row_factory=class_row(ReportView))
    await cursor.execute(_STATE, (session_id,))
    return await cursor.fetchone()


async def _learner(connection: Connection, session_id: UUID) -> dict[str, Any] | None:
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(_LEARNER, (session_id,))
    return await cursor.fetchone()


async def _week(connection: Connection, user_id: UUID, learner: Mapping[str, Any]) -> WeekPlan | None:
    """Plan the week from the day on which the report was asked for; None with nothing to train."""
    today = _local(learner["asked_at"], learner["time_zone"]).date()
    until = today + timedelta(days=DAYS - 1)
    material = await plan_material_of(connection, user_id, until, DAYS * DAY_LOAD)
    if not material.cards:
        return None
    aim = learner["target_band"]
    return plan_week(
        today,
        material.cards,
        {b.criterion: b.band for b in material.bands},
        target_band=None if aim is None else float(aim),
        exam_date=learner["exam_date"],
    )


def _local(moment: datetime, time_zone: str) -> datetime:
    try:
        return moment.astimezone(ZoneInfo(time_zone))
    except (ZoneInfoNotFoundError, ValueError):
        return moment.astimezone(UTC)
