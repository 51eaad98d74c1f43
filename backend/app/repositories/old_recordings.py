"""Which recordings have been kept long enough, in PostgreSQL."""

from app.repositories.database import Database
from app.repositories.jobs import end_job
from app.services.job_queue import Job

MAX_AT_ONCE = 1_000
_QUEUE = """
    insert into jobs (kind, session_id, user_id)
    select 'audio_cleanup', s.id, s.user_id from sessions s
    where s.status = 'ended' and s.audio_ms > 0
      and s.ended_at < now() - make_interval(days => %(days)s)
      and not exists (
        select from jobs j where j.session_id = s.id
          and (j.kind = 'audio_cleanup' or (j.kind = 'analysis' and j.status in ('queued', 'running'))))
    order by s.ended_at limit %(limit)s
    on conflict do nothing
"""
_REMOVED = "update sessions set audio_ms = 0, audio_deleted_at = now() where id = %s"


class PostgresOldRecordings:
    """OldRecordings over PostgreSQL; works as the service, for every learner."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def queue_removals(self, *, older_than_days: int) -> int:
        """Queue the removal of recordings of sessions that ended longer ago; return how many.

        Left alone are recordings that an analysis still needs, and those whose removal is queued or parked.
        """
        async with self._database.as_service() as connection:
            cursor = await connection.execute(_QUEUE, {"days": older_than_days, "limit": MAX_AT_ONCE})
            return cursor.rowcount

    async def removed(self, job: Job) -> None:
        """Note that the recording of the job's session is gone, and end the job. Raises LeaseLost."""
        async with self._database.as_service() as connection:
            await end_job(connection, job)
            await connection.execute(_REMOVED, (job.session_id,))
