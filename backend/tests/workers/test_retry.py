"""--mode worker --retry and --retry-parked, on a real database."""

from uuid import uuid4

import psycopg
import pytest

from app.adapters.embedded_postgres import EmbeddedPostgres
from app.config import Settings
from app.workers.retry import retry

PARKED = """
    with learner as (insert into auth.users default values returning id),
    session as (
      insert into sessions (user_id, mode, plan) select id, 'quick', '{}' from learner returning id, user_id
    )
    insert into jobs (kind, session_id, user_id, status, attempt, error, finished_at)
    select 'analysis', id, user_id, 'failed', 5, 'a defect', now() from session returning id
"""


def test_a_parked_job_is_queued_once_and_one_that_is_not_parked_is_refused(
    postgres: EmbeddedPostgres, superuser: psycopg.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(environment="test", database_url=postgres.conninfo)
    parked = superuser.execute(PARKED).fetchone()
    assert parked is not None

    assert retry(settings, parked[0]) == 0
    assert "queued again" in capsys.readouterr().out
    state = superuser.execute("select status, attempt from jobs where id = %s", parked).fetchone()
    assert state == ("queued", 0)

    for not_parked in (parked[0], uuid4()):
        assert retry(settings, not_parked) == 1
        assert str(not_parked) in capsys.readouterr().err


def test_every_parked_job_can_be_queued_at_once(
    postgres: EmbeddedPostgres, superuser: psycopg.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(environment="test", database_url=postgres.conninfo)
    superuser.execute("truncate jobs")
    for _ in range(2):
        superuser.execute(PARKED)

    assert [retry(settings, None), retry(settings, None)] == [0, 0]
    assert capsys.readouterr().out == ("2 parked jobs are queued again.\n0 parked jobs are queued again.\n")
    assert superuser.execute("select distinct status from jobs").fetchall() == [("queued",)]
