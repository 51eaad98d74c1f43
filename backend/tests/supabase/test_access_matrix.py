"""The whole of who may do what: every table, view, sequence and function, every command, everybody.

The matrix below is written by hand and compared with what a real database lets each of them do. Whatever the
schema has that the matrix lacks fails the test, and the other way round.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from app.repositories.database import Database
from app.repositories.erasure import PostgresErasure
from tests.conftest import NewUser
from tests.supabase.conftest import World
from tests.supabase.people import DENIED, NOBODYS, Person, Table

COMMANDS = "SIUDT"  # select, insert, update, delete, truncate


@dataclass(frozen=True, slots=True)
class Access:
    """What may be done: a learner with rows of their own, and the service with everybody's.

    Another learner, somebody anonymous and the login role itself may do nothing in any table.
    """

    owner: str
    service: str


MATRIX = {
    "profiles": Access("SIU", "S"),
    "sessions": Access("SIU", "SU"),
    "session_events": Access("SI", "SI"),
    "turns": Access("SIU", "SU"),
    "jobs": Access("SI", "SIU"),
    "analyses": Access("S", "SIU"),
    "findings": Access("S", "SID"),
    "finding_feedback": Access("SIU", "S"),
    "training_cards": Access("SIU", "SIU"),
    "training_reviews": Access("SIU", "SI"),
    "training_sources": Access("S", "SI"),
    "training_plans": Access("SIU", "S"),
    "llm_calls": Access("S", "SIU"),
    "socket_tickets": Access("I", "SD"),
    "audit_heads": Access("S", "S"),
    "audit_log": Access("SI", "S"),
}

FUNCTIONS = {
    "touch_updated_at()": frozenset[str](),
    "create_profile()": frozenset[str](),
    "refuse_rewind()": frozenset[str](),
    "erase_account(uuid)": frozenset({"service_role"}),
    "audit_chain()": frozenset[str](),
    "audit_refuse()": frozenset[str](),
    "audit_inserts()": frozenset[str](),
    "audit_changes()": frozenset[str](),
    "prune_audit(integer)": frozenset({"service_role"}),
}

Make = Callable[..., Person]


def allowed(person: Person, table: Table, of: UUID, superuser: psycopg.Connection) -> str:
    """Return the commands with which the person reached rows of the user `of`."""
    role = person.role or ""
    reached = {
        "S": of in (person.owners(table) or ()),
        "I": any(_inserted(person, *copy) for copy in table.copies(superuser, role, of)),
        "U": bool(person.touched(table.update(role, of))),
        "D": _deleted(person, table, of),
        "T": person.touched(sql.SQL("truncate {} cascade").format(sql.Identifier(table.name))) is not None,
    }
    return "".join(command for command in COMMANDS if reached[command])


def _inserted(person: Person, statement: sql.Composed, values: list[object]) -> bool:
    """Whether the copy of a row was let through, to fail at most because the row is there already."""
    try:
        return person.touched(statement, values) is not None
    except psycopg.errors.IntegrityError:
        return True


def _rewritten(person: Person, statement: sql.Composed, values: list[object]) -> int | None:
    """How many rows got the value; None when that was denied, or no two rows may share it."""
    try:
        return person.touched(statement, values)
    except psycopg.errors.IntegrityError:
        return None


def _deleted(person: Person, table: Table, of: UUID) -> bool:
    try:
        return bool(person.touched(table.delete(of)))
    except psycopg.errors.ForeignKeyViolation:
        return True


def test_the_matrix_names_all_there_is(superuser: psycopg.Connection) -> None:
    relations = superuser.execute(
        """
        select relname, relkind from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
        """
    ).fetchall()
    assert {name for name, _ in relations} == MATRIX.keys() | NOBODYS
    functions = superuser.execute(
        "select oid::regprocedure::text from pg_proc where pronamespace = 'public'::regnamespace"
    ).fetchall()
    assert {name for (name,) in functions} == FUNCTIONS.keys()


def test_a_learner_reaches_their_own_rows_as_the_matrix_says(
    world: World, tables: list[Table], person: Make, superuser: psycopg.Connection
) -> None:
    alice = person("authenticated", world.alice)
    found = {table.name: allowed(alice, table, world.alice, superuser) for table in tables}
    assert found == {name: access.owner for name, access in MATRIX.items()}


def test_the_service_reaches_everybodys_rows_as_the_matrix_says(
    world: World, tables: list[Table], person: Make, superuser: psycopg.Connection
) -> None:
    for learner in (world.alice, world.bob):
        found = {table.name: allowed(person("service_role"), table, learner, superuser) for table in tables}
        assert found == {name: access.service for name, access in MATRIX.items()}


def test_nobody_else_reaches_anything(
    world: World, tables: list[Table], person: Make, superuser: psycopg.Connection
) -> None:
    strangers = {
        "another learner": person("authenticated", world.bob),
        "a learner without an account": person("authenticated", uuid4()),
        "a learner without claims": person("authenticated"),
        "anonymous": person("anon"),
        "anonymous with stolen claims": person("anon", world.alice),
        "the login role": person(None),
        "the login role with stolen claims": person(None, world.alice),
    }
    reached = {
        (who, table.name): what
        for who, stranger in strangers.items()
        for table in tables
        if (what := allowed(stranger, table, world.alice, superuser))
    }
    assert reached == {}


def test_an_update_that_reads_nothing_stays_within_the_learners_own_rows(
    world: World, tables: list[Table], person: Make, superuser: psycopg.Connection
) -> None:
    bob = person("authenticated", world.bob)
    for table in tables:
        own = superuser.execute(
            sql.SQL("select count(*) from {} where {} = %s").format(
                sql.Identifier(table.name), sql.Identifier(table.owner)
            ),
            (world.bob,),
        ).fetchone()
        assert own is not None
        touched = [
            _rewritten(bob, *rewrite) for rewrite in table.rewrites(superuser, "authenticated", world.bob)
        ]
        assert bool(any(touched)) == ("U" in MATRIX[table.name].owner), table.name
        assert max((rows or 0 for rows in touched), default=0) <= own[0], table.name


@pytest.mark.parametrize("role", ["authenticated", "service_role", "anon", None])
def test_functions_may_be_called_as_the_matrix_says(
    role: str | None, person: Make, superuser: psycopg.Connection
) -> None:
    who = (
        role
        or superuser.execute("select rolname from pg_roles where rolcanlogin and not rolsuper").fetchall()[0][
            0
        ]
    )
    may = superuser.execute(
        """
        select oid::regprocedure::text from pg_proc
        where pronamespace = 'public'::regnamespace and has_function_privilege(%s, oid, 'execute')
        """,
        (who,),
    ).fetchall()
    assert {name for (name,) in may} == {name for name, roles in FUNCTIONS.items() if role in roles}


def test_no_sequence_is_open(superuser: psycopg.Connection) -> None:
    open_ = superuser.execute(
        """
        select s.relname, r.rolname from pg_class s, pg_roles r
        where s.relnamespace = 'public'::regnamespace and s.relkind = 'S'
          and r.rolname in ('anon', 'authenticated', 'service_role')
          and has_sequence_privilege(r.oid, s.oid, 'usage, select, update')
        """
    ).fetchall()
    assert open_ == []


def test_erasing_is_denied_in_practice_too(world: World, person: Make) -> None:
    for who in (person("authenticated", world.alice), person("anon"), person(None)):
        with pytest.raises(DENIED), who.connection() as connection:
            connection.execute("select public.erase_account(%s)", (world.alice,))


@pytest.mark.parametrize(
    ("role", "may"),
    [("authenticated", {"select"}), ("service_role", {"select", "update"}), ("anon", set()), (None, set())],
)
async def test_receipts_of_erasures_belong_to_nobody(
    role: str | None, may: set[str], person: Make, database: Database, new_user: NewUser
) -> None:
    """Whose receipt a learner may see is tested with the erasure."""
    assert await PostgresErasure(database).erase(await new_user())
    for command, statement in {
        "select": "select id from erasure_receipts",
        "insert": "insert into erasure_receipts (subject, rows) values (repeat('0', 64), '{}')",
        "update": "update erasure_receipts set files = files",
        "delete": "delete from erasure_receipts",
        "truncate": "truncate erasure_receipts",
    }.items():
        touched = person(role, uuid4() if role else None).touched(sql.SQL(statement))
        assert (touched is not None) is (command in may), command
        if role == "authenticated":
            assert not touched
