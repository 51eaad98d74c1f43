"""Bringing the embedded database to the product's schema.

A new database gets schema_production.sql whole; an older one the migrations it lacks. Both lead to the same
place. What was applied is kept, with its hash, in `schema_history.applied`.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

SQL_FOLDER = Path(__file__).resolve().parents[2] / "supabase"
_SHIM = "local_shim.sql"
_SCHEMA = "schema_production.sql"
_LOCK = 7_305_512_218
_HISTORY = """
    create schema if not exists schema_history;
    create table if not exists schema_history.applied (
      name text primary key,
      sha256 text not null,
      applied_at timestamptz not null default now()
    );
"""


class SchemaDrift(Exception):
    """A migration was changed after it had been applied; the message says what to do."""


@dataclass(frozen=True, slots=True)
class SqlFile:
    """A file of SQL, known in the history by its name and hash."""

    name: str
    text: str

    @property
    def sha256(self) -> str:
        """The hash of the text, hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def apply_schema(
    superuser_conninfo: str, *, login_role: str, login_password: str, folder: Path = SQL_FOLDER
) -> None:
    """Bring the database to the schema and the login role to its password; all or nothing.

    Safe to repeat and to run from two processes at once; once applied it costs a few milliseconds. The login
    role may become anon, authenticated and service_role, and has no rights of its own. Raises SchemaDrift,
    and psycopg.Error when the database cannot be reached or refuses.
    """
    with psycopg.connect(superuser_conninfo, autocommit=True) as connection, connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        applied = _history(connection)
        shim = _read(folder / _SHIM)
        if applied.get(shim.name) != shim.sha256:
            _apply(connection, shim)
        migrations = [_read(path) for path in sorted((folder / "migrations").glob("*.sql"))]
        if any(migration.name in applied for migration in migrations):
            _migrate(connection, migrations, applied)
        else:
            connection.execute(_read(folder / _SCHEMA).text.encode())
            for migration in migrations:
                _remember(connection, migration)
        _login(connection, login_role, login_password)


def _read(path: Path) -> SqlFile:
    return SqlFile(path.name, path.read_text(encoding="utf-8"))


def _history(connection: psycopg.Connection[TupleRow]) -> dict[str, str]:
    known = connection.execute("select to_regclass('schema_history.applied') is not null").fetchone()
    if known is None or not known[0]:
        connection.execute(_HISTORY)
    return dict(connection.execute("select name, sha256 from schema_history.applied").fetchall())


def _migrate(
    connection: psycopg.Connection[TupleRow], migrations: list[SqlFile], applied: dict[str, str]
) -> None:
    for migration in migrations:
        match applied.get(migration.name):
            case None:
                _apply(connection, migration)
            case sha256 if sha256 != migration.sha256:
                raise SchemaDrift(
                    f"{migration.name} is not the file that this database was made with. "
                    "Put the change into a new migration, or start with an empty data folder."
                )
            case _:
                pass


def _apply(connection: psycopg.Connection[TupleRow], file: SqlFile) -> None:
    connection.execute(file.text.encode())
    _remember(connection, file)


def _remember(connection: psycopg.Connection[TupleRow], file: SqlFile) -> None:
    connection.execute(
        """
        insert into schema_history.applied (name, sha256) values (%s, %s)
        on conflict (name) do update set sha256 = excluded.sha256, applied_at = now()
        """,
        (file.name, file.sha256),
    )


def _login(connection: psycopg.Connection[TupleRow], role: str, password: str) -> None:
    name = sql.Identifier(role)
    if connection.execute("select from pg_roles where rolname = %s", (role,)).fetchone() is None:
        connection.execute(sql.SQL("create role {}").format(name))
    connection.execute(
        sql.SQL(
            "alter role {} with login noinherit nosuperuser nobypassrls nocreatedb nocreaterole password {}"
        ).format(name, sql.Literal(password))
    )
    connection.execute(sql.SQL("grant anon, authenticated, service_role to {}").format(name))
