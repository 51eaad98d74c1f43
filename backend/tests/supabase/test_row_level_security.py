"""Who may do what, table by table, taken from the database's own catalogue.

A new table is covered without an edit here, and fails until it has policies and a sample row.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from app.adapters.embedded_postgres import EmbeddedPostgres
from app.repositories.analysis_desk import PostgresAnalysisDesk
from app.repositories.database import Database
from app.repositories.finding_feedback import PostgresFeedback
from app.repositories.jobs import PostgresJobs
from app.repositories.live_sessions import PostgresLiveSessions
from app.repositories.llm_calls import PostgresCallLog
from app.repositories.sessions import PostgresSessions
from app.repositories.training import PostgresTraining
from app.services.hybrid_analyzer.findings import Finding
from app.services.job_queue import JobKind
from app.services.prompt_manager import Budget, NewCall, OnBehalfOf
from app.services.session_store import NewEvent, SessionRecord, TurnRecord
from app.services.training_engine import Material, Weakness, scheduler_named
from app.services.training_engine.store import NewReview
from tests.supabase.catalogue import TABLES, security_problems

_SAID = "(session_id, finding_id, user_id, rule_id, rule_version, verdict) "

WEAKNESS = Weakness("UZ-G01", "rule", "grammatical_range_accuracy", Material("student → a student", "-"))

DENIED = (psycopg.errors.InsufficientPrivilege,)


@dataclass(frozen=True)
class Table:
    """A table, the column that names a row's owner, and what a learner may write in it."""

    name: str
    owner: str
    insertable: tuple[str, ...]
    updatable: tuple[str, ...]


@dataclass(frozen=True)
class World:
    """Two learners who each have a row in every table, and a session that is still live."""

    alice: UUID
    bob: UUID
    live: dict[UUID, SessionRecord]


@pytest.fixture
async def world(database: Database, superuser: psycopg.Connection, alice: UUID, bob: UUID) -> World:
    superuser.execute("truncate jobs, analyses")
    store, jobs = PostgresLiveSessions(database), PostgresJobs(database)
    live = {}
    for user_id in (alice, bob):
        for _ in range(2):
            created = await PostgresSessions(database).create(
                user_id, mode="quick", clock="short", plan={"owner": str(user_id)}
            )
            session = await store.claim(created.id, user_id)
            turn = TurnRecord(
                id=uuid4(), index=0, speaker="learner", part=1, text="I am student.", start_ms=0, end_ms=900
            )
            await store.append(session, [NewEvent("stt.final", {})], turns=[turn])
            live.setdefault(user_id, session)
        await store.finish(session, [], reason="completed", summary={}, audio_ms=900)
        job = await jobs.claim("test", frozenset(JobKind), lease_s=60)
        assert job is not None
        finding = _finding(turn)
        await PostgresAnalysisDesk(database).complete(
            job,
            method_version="1",
            result={},
            findings=[finding],
            event=NewEvent("done", {}),
            weaknesses=[WEAKNESS],
        )
        await PostgresFeedback(database).give(user_id, finding.id, "wrong", None)
        await _trained(PostgresTraining(database), user_id)
        call = NewCall(OnBehalfOf(user_id, created.id), "review", 1, "0" * 64, 10)
        assert await PostgresCallLog(database).begin(call, Budget(10, 10))
    return World(alice, bob, live)


async def _trained(training: PostgresTraining, user_id: UUID) -> None:
    (card,) = (await training.due(user_id, date.max, limit=1, kinds=["rule"])).cards
    review = NewReview(uuid4(), card.id, "correct", card.due, 4, 4, 1, 1, None, {})
    await training.record(user_id, review, scheduler_named("sm2"), seen_reviews=0)
    await training.put_plan(user_id, card.due, {})


def _finding(turn: TurnRecord) -> Finding:
    return Finding(
        id=f"f_{uuid4().hex}",
        turn_id=str(turn.id),
        rule_id="UZ-G01",
        category="M:DET",
        criterion="grammatical_range_accuracy",
        severity="low",
        confidence=0.5,
        source="rule",
        char_start=0,
        char_end=1,
        start_ms=0,
        end_ms=1,
        quote="I",
        correction="",
        explanation="-",
    )


@pytest.fixture
def tables(superuser: psycopg.Connection) -> list[Table]:
    """Every table there is."""
    found = []
    for name, *_ in superuser.execute(TABLES).fetchall():
        columns = superuser.execute(
            """
            select attname, has_column_privilege('authenticated', attrelid, attnum, 'insert'),
                   has_column_privilege('authenticated', attrelid, attnum, 'update')
            from pg_attribute where attrelid = format('public.%%I', %s::text)::regclass and attnum > 0
              and not attisdropped
            order by attnum
            """,
            (name,),
        ).fetchall()
        owner = "user_id" if any(column == "user_id" for column, *_ in columns) else "id"
        found.append(
            Table(
                name,
                owner,
                tuple(column for column, insert, _ in columns if insert),
                tuple(column for column, _, update in columns if update),
            )
        )
    assert len(found) >= 6
    return found


class Person:
    """Somebody at the database, with nothing between."""

    def __init__(self, conninfo: str, role: str | None, sub: UUID | None) -> None:
        self._conninfo = conninfo
        self._role = role
        self._claims = "" if sub is None else f'{{"sub": "{sub}", "role": "{role}"}}'

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection]:
        """Lend a connection; whatever is done on it is undone."""
        with psycopg.connect(self._conninfo) as connection:
            if self._role is not None:
                connection.execute(
                    "select set_config('role', %s, true), set_config('request.jwt.claims', %s, true)",
                    (self._role, self._claims),
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


@pytest.fixture
def person(postgres: EmbeddedPostgres):
    def make(role: str | None, sub: UUID | None = None) -> Person:
        return Person(postgres.conninfo, role, sub)

    return make


def _update(table: Table, owner: UUID) -> sql.Composed:
    column = table.updatable[0] if table.updatable else table.owner
    return sql.SQL("update {table} set {column} = {column} where {owner} = {id}").format(
        table=sql.Identifier(table.name),
        column=sql.Identifier(column),
        owner=sql.Identifier(table.owner),
        id=sql.Literal(owner),
    )


def _delete(table: Table, owner: UUID) -> sql.Composed:
    return sql.SQL("delete from {} where {} = {}").format(
        sql.Identifier(table.name), sql.Identifier(table.owner), sql.Literal(owner)
    )


def _insert_copy(superuser: psycopg.Connection, table: Table, owner: UUID) -> tuple[sql.Composed, list[Any]]:
    """An insert of what the owner's row says, in the columns a learner may write."""
    columns = table.insertable or (table.owner,)
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    row = superuser.execute(
        sql.SQL("select {} from {} where {} = %s limit 1").format(
            names, sql.Identifier(table.name), sql.Identifier(table.owner)
        ),
        (owner,),
    ).fetchone()
    assert row is not None
    values = [Jsonb(value) if isinstance(value, dict | list) else value for value in row]
    statement = sql.SQL("insert into {} ({}) values ({})").format(
        sql.Identifier(table.name), names, sql.SQL(", ").join([sql.Placeholder()] * len(columns))
    )
    return statement, values


def test_nothing_in_the_schema_is_open(superuser: psycopg.Connection) -> None:
    assert security_problems(superuser) == []


@pytest.mark.parametrize(
    ("statement", "problems"),
    [
        (
            "create table diary (id int, user_id uuid)",
            ["not enabled and forced", "no policy", "anon may insert", "a learner may delete"],
        ),
        ("create policy p on turns for select to public using (true)", ["for public", "does not say"]),
        (
            "create policy p on turns for delete to authenticated using (auth.uid() = user_id)",
            ["does not say"],
        ),
        ("alter table turns no force row level security", ["not enabled and forced"]),
        ("grant select (text) on turns to anon", ["anon may select"]),
        ("grant delete on turns to authenticated", ["a learner may delete"]),
        (
            "create function peek() returns int language sql as 'select 1'",
            ["anon may call", "authenticated may call"],
        ),
    ],
)
def test_the_check_sees_a_hole(superuser: psycopg.Connection, statement: str, problems: list[str]) -> None:
    with superuser.transaction(force_rollback=True):
        superuser.execute(statement.encode())
        found = "\n".join(security_problems(superuser))
    for problem in problems:
        assert problem in found


def test_every_table_has_a_sample_of_both_learners(
    world: World, tables: list[Table], superuser: psycopg.Connection
) -> None:
    for table in tables:
        query = sql.SQL("select {} from {}").format(sql.Identifier(table.owner), sql.Identifier(table.name))
        assert {world.alice, world.bob} <= {row[0] for row in superuser.execute(query).fetchall()}, table.name


def test_a_learner_sees_their_own_rows_only(world: World, tables: list[Table], person) -> None:
    for table in tables:
        assert person("authenticated", world.alice).owners(table) == {world.alice}, table.name
        assert person("authenticated", uuid4()).owners(table) == set(), table.name


def test_without_claims_there_is_nothing_to_see(world: World, tables: list[Table], person) -> None:
    for table in tables:
        assert person("authenticated").owners(table) == set(), table.name


def test_anonymous_and_forgotten_roles_are_denied_everything(
    world: World, tables: list[Table], person, superuser: psycopg.Connection
) -> None:
    for who in (person("anon"), person("anon", world.alice), person(None)):
        for table in tables:
            assert who.owners(table) is None, table.name
            assert who.touched(_update(table, world.alice)) is None, table.name
            assert who.touched(_delete(table, world.alice)) is None, table.name
            assert who.touched(*_insert_copy(superuser, table, world.alice)) is None, table.name


def test_the_service_sees_everyone(world: World, tables: list[Table], person) -> None:
    for table in tables:
        assert {world.alice, world.bob} <= person("service_role").owners(table), table.name


def test_a_learner_cannot_change_or_fake_another_learners_rows(
    world: World, tables: list[Table], person, superuser: psycopg.Connection
) -> None:
    bob = person("authenticated", world.bob)
    for table in tables:
        assert not bob.touched(_update(table, world.alice)), table.name
        assert not bob.touched(_delete(table, world.alice)), table.name
        assert bob.touched(*_insert_copy(superuser, table, world.alice)) is None, table.name


def test_a_learner_deletes_nothing_directly(world: World, tables: list[Table], person) -> None:
    for table in tables:
        assert person("authenticated", world.alice).touched(_delete(table, world.alice)) is None, table.name


def test_what_a_learner_may_write(tables: list[Table]) -> None:
    written = {table.name: (set(table.insertable), set(table.updatable)) for table in tables}
    assert written["findings"] == (set(), set())
    assert written["llm_calls"] == (set(), set())
    assert written["finding_feedback"][1] == {"verdict", "comment"}
    assert written["analyses"] == (set(), set())
    assert written["jobs"] == ({"kind", "session_id", "user_id"}, set())
    assert written["training_reviews"][1] == {"grade", "outcome", "undone_at"}
    assert not {"id", "user_id", "target", "kind", "criterion"} & written["training_cards"][1]
    assert written["training_sources"] == (set(), set())
    assert written["session_events"] == ({"session_id", "seq", "user_id", "type", "payload"}, set())
    assert not {"id", "user_id", "mode", "clock", "plan", "created_at"} & written["sessions"][1]
    assert not {"status", "epoch", "summary", "created_at"} & written["sessions"][0]
    assert not {"id", "session_id", "user_id", "idx"} & written["turns"][1]
    assert not {"id", "created_at", "updated_at"} & written["profiles"][1]


@pytest.mark.parametrize(
    "statement",
    [
        "update analyses set result = '{\"overall_band\": 9}'",
        "insert into analyses (session_id, user_id) select id, user_id from sessions",
        "update jobs set status = 'queued'",
        "insert into jobs (kind, session_id, user_id, progress) select 'pdf', id, user_id, 9 from sessions",
        "insert into jobs (kind, session_id, user_id) select 'anything', id, user_id from sessions",
        "update findings set severity = 'low'",
        "insert into findings (session_id) values (gen_random_uuid())",
        "update finding_feedback set rule_id = 'AGR-PEOPLE'",
        "insert into finding_feedback "
        + _SAID
        + "select session_id, id, user_id, 'AGR-PEOPLE', 1, 'wrong' from findings",
        "insert into finding_feedback "
        + _SAID
        + "select id, 'f_0', user_id, 'UZ-G01', 1, 'wrong' from sessions",
        "update session_events set payload = '{}'",
        "select error from jobs",
        "select lease_owner from jobs",
        "select * from auth.users",
        "select erase_user(auth.uid())",
        "update sessions set user_id = gen_random_uuid()",
        "truncate turns",
        "create table public.mine (id int)",
    ],
)
def test_results_and_the_inside_are_out_of_a_learners_reach(world: World, person, statement: str) -> None:
    alice = person("authenticated", world.alice)
    assert alice.touched(sql.SQL(statement)) is None


def test_an_ended_session_cannot_be_touched_by_its_learner(
    world: World, person, superuser: psycopg.Connection
) -> None:
    row = superuser.execute(
        "select id from sessions where user_id = %s and status = 'ended'", (world.alice,)
    ).fetchone()
    assert row is not None
    ended = sql.Literal(row[0])
    alice = person("authenticated", world.alice)

    reopen = sql.SQL("update sessions set status = 'live', ended_at = null where id = {}").format(ended)
    rewrite = sql.SQL("update turns set text = 'I am a student.' where session_id = {}").format(ended)
    add = sql.SQL(
        """
        insert into turns (id, session_id, user_id, idx, speaker, text, start_ms, end_ms)
        values (gen_random_uuid(), {}, auth.uid(), 99, 'learner', 'Perfect English.', 0, 1)
        """
    ).format(ended)
    fake = sql.SQL(
        """
        insert into session_events (session_id, seq, user_id, type, payload)
        values ({}, 99, auth.uid(), 'session.analysis_ready', '{{}}')
        """
    ).format(ended)
    assert alice.touched(reopen) == 0
    assert alice.touched(rewrite) == 0
    assert alice.touched(add) is None
    assert alice.touched(fake) is None


def test_an_analysis_is_queued_only_for_an_ended_session(world: World, person) -> None:
    queue = sql.SQL("insert into jobs (kind, session_id, user_id) values ('analysis', {}, auth.uid())")
    statement = queue.format(sql.Literal(world.live[world.alice].id))
    assert person("authenticated", world.alice).touched(statement) is None


def test_no_row_hangs_under_somebody_elses_session(world: World, superuser: psycopg.Connection) -> None:
    """Held by the foreign keys, so it binds the service and the superuser too."""
    session_id = world.live[world.alice].id
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        superuser.execute(
            """
            insert into turns (id, session_id, user_id, idx, speaker, text, start_ms, end_ms)
            values (gen_random_uuid(), %s, %s, 7, 'learner', '', 0, 0)
            """,
            (session_id, world.bob),
        )
    row = superuser.execute("select id from turns where user_id = %s limit 1", (world.bob,)).fetchone()
    assert row is not None
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        superuser.execute(
            """
            insert into findings (id, session_id, turn_id, user_id, rule_id, category, criterion, severity,
              confidence, source, char_start, char_end, quote, correction, explanation)
            values ('f_1', %s, %s, %s, 'r', 'c', 'pronunciation', 'low', 1, 'rule', 0, 0, '', '', '')
            """,
            (session_id, row[0], world.alice),
        )
