"""Bringing databases to the schema: new, old, twice, at once, changed behind our back."""

import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.adapters.embedded_postgres import EmbeddedPostgres
from app.repositories.schema import SQL_FOLDER, SchemaDrift, apply_schema
from tests.supabase.catalogue import describe

DOCUMENT = SQL_FOLDER.parents[1] / "docs" / "supabase.md"
MIGRATIONS = sorted((SQL_FOLDER / "migrations").glob("*.sql"))


class EmptyDatabases:
    """Databases of their own on the shared server."""

    def __init__(self, superuser: psycopg.Connection, conninfo: str) -> None:
        self._superuser = superuser
        self._conninfo = conninfo
        self._names: list[str] = []

    def new(self) -> str:
        """Make an empty database and return how to connect to it."""
        name = f"empty_{uuid4().hex}"
        self._superuser.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        self._names.append(name)
        return make_conninfo(self._conninfo, dbname=name)

    def drop(self) -> None:
        """Remove them again."""
        for name in self._names:
            self._superuser.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def databases(postgres: EmbeddedPostgres, superuser: psycopg.Connection) -> Iterator[EmptyDatabases]:
    made = EmptyDatabases(superuser, postgres.superuser_conninfo)
    yield made
    made.drop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the SQL files that a test may change."""
    return shutil.copytree(SQL_FOLDER, tmp_path / "supabase")


@pytest.fixture
def role(superuser: psycopg.Connection) -> Iterator[str]:
    name = f"login_{uuid4().hex}"
    yield name
    superuser.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(name)))


def run(conninfo: str, *paths: Path) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for path in paths:
            connection.execute(path.read_bytes())


def described(conninfo: str) -> object:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        return describe(connection)


def test_the_migrations_add_up_to_the_schema(databases: EmptyDatabases) -> None:
    whole, stepwise = databases.new(), databases.new()
    run(whole, SQL_FOLDER / "local_shim.sql", SQL_FOLDER / "schema_production.sql")
    run(stepwise, SQL_FOLDER / "local_shim.sql", *MIGRATIONS)
    assert MIGRATIONS
    assert described(whole) == described(stepwise)


def test_migrations_are_numbered_without_gaps_or_twins() -> None:
    assert [int(path.name[:4]) for path in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))


def test_running_the_files_again_changes_nothing(databases: EmptyDatabases) -> None:
    conninfo = databases.new()
    files = (SQL_FOLDER / "local_shim.sql", SQL_FOLDER / "schema_production.sql")
    run(conninfo, *files)
    once = described(conninfo)
    run(conninfo, *files)
    assert described(conninfo) == once


def test_users_from_before_the_schema_get_a_profile(databases: EmptyDatabases) -> None:
    conninfo = databases.new()
    run(conninfo, SQL_FOLDER / "local_shim.sql")
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("insert into auth.users (email) values ('early@example.test')")
        run(conninfo, SQL_FOLDER / "schema_production.sql")
        assert connection.execute("select count(*) from profiles").fetchone() == (1,)


def test_the_schema_refuses_a_role_that_row_level_security_binds(databases: EmptyDatabases) -> None:
    conninfo = databases.new()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute((SQL_FOLDER / "local_shim.sql").read_bytes())
        connection.execute("set role authenticated")
        with pytest.raises(psycopg.errors.RaiseException, match="bypasses row level security"):
            connection.execute((SQL_FOLDER / "schema_production.sql").read_bytes())


@pytest.fixture
def hosted(role: str, databases: EmptyDatabases, superuser: psycopg.Connection) -> Iterator[str]:
    """A database as a hosted Supabase project has it: how to connect as its `postgres`, called `role` here.

    That role is no superuser, owns the database but neither the schema `auth` nor what is in it, and every
    new table of its own is open to the API roles.
    """
    conninfo = databases.new()
    run(conninfo, SQL_FOLDER / "local_shim.sql")
    name = sql.Identifier(role)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for statement in (
            "create role {} login password 'pw' nosuperuser createdb createrole replication bypassrls",
            f"alter database {conninfo_to_dict(conninfo)['dbname']} owner to {{}}",
            "grant all on schema auth to {}",
            "grant all on all tables in schema auth to {}",
            "grant all on all routines in schema auth to {}",
            "grant anon, authenticated, service_role to {} with admin option",
            *(
                f"alter default privileges for role {{}} in schema public grant all on {kind} "
                "to anon, authenticated, service_role"
                for kind in ("tables", "sequences", "functions")
            ),
        ):
            connection.execute(sql.SQL(statement).format(name))
    yield make_conninfo(conninfo, user=role, password="pw")
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(sql.SQL("drop owned by {} cascade").format(name))
        owner = sql.Identifier(superuser.info.user)
        connection.execute(
            sql.SQL("alter database {} owner to {}").format(sql.Identifier(connection.info.dbname), owner)
        )


def test_the_schema_runs_in_a_hosted_project(
    hosted: str, role: str, databases: EmptyDatabases, superuser: psycopg.Connection
) -> None:
    whole = databases.new()
    run(whole, SQL_FOLDER / "local_shim.sql", SQL_FOLDER / "schema_production.sql")
    run(hosted, SQL_FOLDER / "schema_production.sql")
    once = described(hosted)
    run(hosted, SQL_FOLDER / "schema_production.sql")
    assert described(hosted) == once
    assert repr(once).replace(role, superuser.info.user) == repr(described(whole))


def test_the_documented_login_role_works_in_a_hosted_project(
    hosted: str, superuser: psycopg.Connection
) -> None:
    run(hosted, SQL_FOLDER / "schema_production.sql")
    (block,) = re.findall(r"```sql\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    login, learner = f"login_{uuid4().hex}", uuid4()
    with psycopg.connect(hosted, autocommit=True) as connection:
        connection.execute(re.sub(r"\bspeakmate\b", login, block))
    application = make_conninfo(hosted, user=login, password="a long random password")
    try:
        with psycopg.connect(application, autocommit=True) as connection:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("select from profiles")
            connection.execute("set role service_role")
            connection.execute("insert into auth.users (id) values (%s)", (learner,))
            assert connection.execute("select id from profiles").fetchall() == [(learner,)]
            assert connection.execute("select rows from erase_account(%s)", (learner,)).fetchone()
            assert connection.execute("select count(*) from profiles").fetchone() == (0,)
    finally:
        superuser.execute(sql.SQL("drop role {}").format(sql.Identifier(login)))


def test_applying_twice_keeps_rows_and_takes_the_new_password(databases: EmptyDatabases, role: str) -> None:
    conninfo = databases.new()
    apply_schema(conninfo, login_role=role, login_password="first")
    once = described(conninfo)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("insert into auth.users (email) values ('kept@example.test')")
        apply_schema(conninfo, login_role=role, login_password="it's \\ second")
        assert connection.execute("select count(*) from profiles").fetchone() == (1,)
    assert described(conninfo) == once

    login = make_conninfo(conninfo, user=role, password="it's \\ second")
    with psycopg.connect(login, autocommit=True) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select from profiles")
        connection.execute("set role service_role")
        assert connection.execute("select count(*) from profiles").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(make_conninfo(conninfo, user=role, password="first"))


def test_a_role_that_grew_rights_is_cut_back(
    databases: EmptyDatabases, role: str, superuser: psycopg.Connection
) -> None:
    superuser.execute(sql.SQL("create role {} superuser bypassrls inherit").format(sql.Identifier(role)))
    apply_schema(databases.new(), login_role=role, login_password="pw")
    row = superuser.execute(
        "select rolsuper, rolbypassrls, rolinherit, rolcanlogin from pg_roles where rolname = %s", (role,)
    ).fetchone()
    assert row == (False, False, False, True)


def test_an_older_database_gets_the_migrations_it_lacks(
    databases: EmptyDatabases, folder: Path, role: str
) -> None:
    old, new = databases.new(), databases.new()
    apply_schema(old, login_role=role, login_password="pw", folder=folder)
    change = "alter table public.profiles add column if not exists city text;"
    (folder / "migrations" / "9999_city.sql").write_text(change)
    with (folder / "schema_production.sql").open("a") as schema:
        schema.write(change)

    apply_schema(old, login_role=role, login_password="pw", folder=folder)
    apply_schema(new, login_role=role, login_password="pw", folder=folder)

    assert described(old) == described(new)
    assert "city" in str(described(old))


def test_a_migration_that_fails_leaves_the_database_as_it_was(
    databases: EmptyDatabases, folder: Path, role: str
) -> None:
    conninfo = databases.new()
    apply_schema(conninfo, login_role=role, login_password="pw", folder=folder)
    before = described(conninfo)
    (folder / "migrations" / "9999_half.sql").write_text(
        "alter table public.profiles add column city text; alter table public.nowhere add column x int;"
    )
    with pytest.raises(psycopg.errors.UndefinedTable):
        apply_schema(conninfo, login_role=role, login_password="pw", folder=folder)
    assert described(conninfo) == before


def test_a_migration_changed_after_the_fact_is_refused(
    databases: EmptyDatabases, folder: Path, role: str
) -> None:
    conninfo = databases.new()
    apply_schema(conninfo, login_role=role, login_password="pw", folder=folder)
    with (folder / "migrations" / MIGRATIONS[0].name).open("a") as migration:
        migration.write("-- second thoughts\n")
    with pytest.raises(SchemaDrift, match="new migration"):
        apply_schema(conninfo, login_role=role, login_password="pw", folder=folder)


def test_two_processes_may_start_at_once(databases: EmptyDatabases, role: str) -> None:
    conninfo = databases.new()
    with ThreadPoolExecutor(2) as pool:
        starts = [pool.submit(apply_schema, conninfo, login_role=role, login_password="pw") for _ in range(2)]
    assert [start.result() for start in starts] == [None, None]


def test_the_history_is_closed_to_the_application(databases: EmptyDatabases, role: str) -> None:
    conninfo = databases.new()
    apply_schema(conninfo, login_role=role, login_password="pw")
    login = make_conninfo(conninfo, user=role, password="pw")
    for assumed in ("authenticated", "service_role", "none"):
        with psycopg.connect(login, autocommit=True) as connection:
            connection.execute(f"set role {assumed}".encode())
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("select * from schema_history.applied")


def test_analyses_of_an_older_database_keep_their_state_and_result(databases: EmptyDatabases) -> None:
    conninfo = databases.new()
    jobs = next(path for path in MIGRATIONS if path.name == "0008_jobs.sql")
    run(conninfo, SQL_FOLDER / "local_shim.sql", *[path for path in MIGRATIONS if path.name < jobs.name])
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(
            """
            with learner as (insert into auth.users default values returning id),
            sessions as (
              insert into sessions (user_id, mode, plan)
              select id, mode, '{}' from learner, unnest(array['quick', 'part1', 'part2']) mode
              returning id, user_id, mode
            ), states (mode, status, attempt, error, result, version, finished_at) as (
              values ('quick', 'done', 1, null, '{"overall_band": 6.5}'::jsonb, '1', now()),
                     ('part1', 'failed', 5, 'a defect', null, null, now()),
                     ('part2', 'queued', 0, null, null, null, null)
            )
            insert into analyses (session_id, user_id, status, attempt, error, result, method_version,
                                  finished_at)
            select id, user_id, status, attempt, error, result, version, finished_at
            from sessions join states using (mode)
            """
        )
        run(conninfo, *[path for path in MIGRATIONS if path.name >= jobs.name])
        rows = connection.execute(
            """
            select s.mode, j.kind, j.status, j.attempt, j.error, a.result ->> 'overall_band'
            from sessions s join jobs j on j.session_id = s.id left join analyses a on a.session_id = s.id
            order by 1
            """
        ).fetchall()
    assert rows == [
        ("part1", "analysis", "failed", 5, "a defect", None),
        ("part2", "analysis", "queued", 0, None, None),
        ("quick", "analysis", "done", 1, None, "6.5"),
    ]
