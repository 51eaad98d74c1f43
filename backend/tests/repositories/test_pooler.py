"""The repositories behind a connection pooler, as Supabase has one before its databases: a real PgBouncer."""

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.adapters.embedded_postgres import EmbeddedPostgres
from app.adapters.embedded_postgres.account import account_for
from app.repositories.analysis_desk import PostgresAnalysisDesk
from app.repositories.database import Database
from app.repositories.erasure import PostgresErasure
from app.repositories.jobs import PostgresJobs
from app.repositories.live_sessions import PostgresLiveSessions
from app.repositories.sessions import PostgresSessions
from app.repositories.users import PostgresAccounts
from app.services.job_queue import JobKind
from app.services.session_store import NewEvent, TurnRecord

PGBOUNCER = os.environ.get("PGBOUNCER") or shutil.which("pgbouncer")
PATIENCE_S = 20.0

needs_pgbouncer = pytest.mark.skipif(
    PGBOUNCER is None, reason="no pgbouncer on PATH or in PGBOUNCER; the pool's own part is tested below"
)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(params=["session", "transaction"])
def pooled(
    request: pytest.FixtureRequest, postgres: EmbeddedPostgres, tmp_path: Path
) -> Iterator[tuple[str, str]]:
    """The pool's mode, and how to connect through it. It has two connections of the server for everybody."""
    assert PGBOUNCER is not None
    account = account_for(tmp_path / "none")
    folder = Path(conninfo_to_dict(postgres.conninfo)["host"] or "") / f"pooler-{uuid4().hex}"
    account.make_folder(folder)
    port = free_port()
    target = conninfo_to_dict(postgres.conninfo)
    size = 2 if request.param == "transaction" else 10
    (folder / "users").write_text(f'"{target["user"]}" "{target["password"]}"\n')
    (folder / "ini").write_text(
        f"""[databases]
{target["dbname"]} = host={target["host"]} port={target["port"]}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder / "users"}
pool_mode = {request.param}
default_pool_size = {size}
ignore_startup_parameters = extra_float_digits
"""
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([PGBOUNCER, folder / "ini"], stdout=log, stderr=log, **account.run_as)
    conninfo = make_conninfo(postgres.conninfo, host="127.0.0.1", port=port)
    try:
        _wait_for(conninfo, folder / "log")
        yield request.param, conninfo
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


def _wait_for(conninfo: str, log: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            psycopg.connect(conninfo, connect_timeout=5).close()
        except psycopg.OperationalError as refused:
            assert time.monotonic() < until, log.read_text()
            if "refused" not in str(refused):
                raise
        else:
            return


@pytest.fixture
async def through(pooled: tuple[str, str]) -> AsyncIterator[Database]:
    mode, conninfo = pooled
    database = Database(conninfo, max_size=6, prepare_threshold=None if mode == "transaction" else 2)
    await database.open()
    yield database
    await database.close()


async def _exam(through: Database, learner: UUID) -> UUID:
    await PostgresAccounts(through).add_development_user(learner, f"{learner}@example.test")
    created = await PostgresSessions(through).create(learner, mode="quick", clock="short", plan={})
    live = PostgresLiveSessions(through)
    session = await live.claim(created.id, learner)
    for index in range(6):
        turn = TurnRecord(
            id=uuid4(), index=index, speaker="learner", part=1, text="I am.", start_ms=0, end_ms=9
        )
        await live.append(session, [NewEvent("stt.final", {"n": index})], turns=[turn])
    await live.finish(session, [], reason="completed", summary={}, audio_ms=9)
    return session.id


@needs_pgbouncer
async def test_a_session_from_its_start_to_its_analysis(through: Database) -> None:
    learners = [uuid4() for _ in range(4)]
    async with asyncio.TaskGroup() as tasks:
        exams = [tasks.create_task(_exam(through, learner)) for learner in learners]
    ended = {exam.result() for exam in exams}
    sessions = PostgresSessions(through)
    live, jobs = PostgresLiveSessions(through), PostgresJobs(through)
    done = set[UUID]()
    while job := await jobs.claim("pooled", frozenset({JobKind.ANALYSIS}), lease_s=60):
        await PostgresAnalysisDesk(through).complete(
            job, method_version="1", result={}, findings=[], event=NewEvent("done", {}), weaknesses=[]
        )
        done.add(job.session_id)
    assert ended <= done
    for learner in learners:
        page = await sessions.page(learner, limit=10, after=None)
        (session,) = page.items
        assert len(await live.events_after(session.id, learner, 0)) == 7
        assert await PostgresErasure(through).erase(learner)


@needs_pgbouncer
async def test_nobody_inherits_a_role_from_the_transaction_before(
    through: Database, pooled: tuple[str, str]
) -> None:
    async with through.as_user(uuid4()) as connection:
        await connection.execute("select from profiles")
    _, conninfo = pooled
    for _ in range(8):
        with psycopg.connect(conninfo, prepare_threshold=None) as connection:
            assert connection.execute(
                "select current_user = session_user, current_setting('request.jwt.claims', true)"
            ).fetchone() in {(True, ""), (True, None)}


async def test_a_transaction_leaves_nothing_on_its_connection(
    postgres: EmbeddedPostgres, alice: UUID
) -> None:
    """What a pooler in transaction mode may hand to somebody else."""
    database = Database(postgres.conninfo, max_size=1, prepare_threshold=None)
    await database.open()
    try:
        accounts = PostgresAccounts(database)
        for _ in range(12):
            await accounts.profile(alice)
        async with database.as_service() as connection:
            left = await connection.execute(
                """
                select (select count(*) from pg_prepared_statements), (select count(*) from pg_cursors),
                       (select count(*) from pg_locks where pid = pg_backend_pid() and locktype = 'advisory'),
                       (select count(*) from pg_listening_channels())
                """
            )
            assert await left.fetchone() == (0, 0, 0, 0)
    finally:
        await database.close()
