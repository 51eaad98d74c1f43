"""Who comes to the database, with nothing between: a learner, another one, nobody, the service."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from tests.supabase.catalogue import TABLES

DENIED = (psycopg.errors.InsufficientPrivilege,)
NOBODYS = frozenset({"erasure_receipts"})
"""Tables whose rows belong to nobody any more."""
ROLES = ("authenticated", "service_role", "anon")


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view, the column that names a row's owner, and the columns a role may write in it."""

    name: str
    owner: str
    insertable: dict[str, tuple[str, ...]]
    updatable: dict[str, tuple[str, ...]]

    def update(self, role: str, owner: UUID) -> sql.Composed:
        """An update of the owner's rows that changes nothing, in a column that the role may write, if any."""
        column = next(iter(self.updatable.get(role, ())), self.owner)
        return sql.SQL("update {table} set {column} = {column} where {owner} = {id}").format(
            table=sql.Identifier(self.name),
            column=sql.Identifier(column),
            owner=sql.Identifier(self.owner),
            id=sql.Literal(owner),
        )

    def rewrites(
        self, superuser: psycopg.Connection, role: str, owner: UUID
    ) -> Iterator[tuple[sql.Composed, list[Any]]]:
        """Updates of every row there is, each of one column the role may write, to what the owner has in it.

        They read nothing, so that the rules for reading cannot stand in for those for writing.
        """
        for column in self.updatable.get(role, ()):
            name, table = sql.Identifier(column), sql.Identifier(self.name)
            row = superuser.execute(
                sql.SQL("select {} from {} where {} = %s limit 1").format(
                    name, table, sql.Identifier(self.owner)
                ),
                (owner,),
            ).fetchone()
            assert row, f"{self.name} has no row of {owner}"
            statement = sql.SQL("update {} set {} = {}").format(table, name, sql.Placeholder())
            yield statement, [Jsonb(value) if isinstance(value, dict | list) else value for value in row]

    def delete(self, owner: UUID) -> sql.Composed:
        """A delete of the owner's rows."""
        return sql.SQL("delete from {} where {} = {}").format(
            sql.Identifier(self.name), sql.Identifier(self.owner), sql.Literal(owner)
        )

    def copies(
        self, superuser: psycopg.Connection, role: str, owner: UUID
    ) -> Iterator[tuple[sql.Composed, list[Any]]]:
        """Inserts of what the owner's rows say, in the columns that the role may write."""
        columns = self.insertable.get(role) or (self.owner,)
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        rows = superuser.execute(
            sql.SQL("select {} from {} where {} = %s").format(
                names, sql.Identifier(self.name), sql.Identifier(self.owner)
            ),
            (owner,),
        ).fetchall()
        assert rows, f"{self.name} has no row of {owner}"
        statement = sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier(self.name), names, sql.SQL(", ").join([sql.Placeholder()] * len(columns))
        )
        for row in rows:
            yield statement, [Jsonb(value) if isinstance(value, dict | list) else value for value in row]


def tables_of(superuser: psycopg.Connection) -> list[Table]:
    """Return every table whose rows belong to a learner."""
    names = [name for name, *_ in superuser.execute(TABLES).fetchall()]
    return [_table(superuser, name) for name in names if name not in NOBODYS]


def _table(superuser: psycopg.Connection, name: str) -> Table:
    columns = superuser.execute(
        """
        select r.rolname, a.attname, has_column_privilege(r.oid, a.attrelid, a.attnum, 'insert'),
               has_column_privilege(r.oid, a.attrelid, a.attnum, 'update')
        from pg_attribute a, pg_roles r
        where a.attrelid = format('public.%%I', %s::text)::regclass and a.attnum > 0
          and not a.attisdropped and a.attgenerated = '' and r.rolname = any(%s)
        order by a.attnum
        """,
        (name, list(ROLES)),
    ).fetchall()
    return Table(
        name,
        "user_id" if any(column == "user_id" for _, column, *_ in columns) else "id",
        {role: tuple(c for r, c, insert, _ in columns if r == role and insert) for role in ROLES},
        {role: tuple(c for r, c, _, update in columns if r == role and update) for role in ROLES},
    )


class Person:
    """Somebody at the database."""

    def __init__(self, conninfo: str, role: str | None, sub: UUID | None) -> None:
        self._conninfo = conninfo
        self.role = role
        self._claims = "" if sub is None else f'{{"sub": "{sub}", "role": "{role}"}}'

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection]:
        """Lend a connection; whatever is done on it is undone."""
        with psycopg.connect(self._conninfo) as connection:
            if self.role is not None:
                connection.execute(
                    "select set_config('role', %s, true), set_config('request.jwt.claims', %s, true)",
                    (self.role, self._claims),
                )
            yield connection
            connection.rollback()

    def owners(self, table: Table) -> set[UUID] | None:
        """Return whose rows are seen; None when reading is denied."""
        try:
            with self.connection() as connection:
                query = sql.SQL("select {} from {}").format(
                    sql.Identifier(table.owner), sql.Identifier(table.name)
                )
                return {row[0] for row in connection.execute(query).fetchall()}
        except DENIED:
            return None

    def touched(self, statement: sql.Composable, values: Any = ()) -> int | None:
        """Return how many rows the statement changed; None when it was denied."""
        try:
            with self.connection() as connection:
                return connection.execute(statement, values).rowcount
        except DENIED:
            return None
