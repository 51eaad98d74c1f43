"""One learner tries everything to reach another's rows, bytes and sockets: through SQL, REST and the socket.

ATTACKS says how many attempts are made together; 5,000 is the full size, the suite makes fewer.
"""

import json
import os
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
import structlog
from fastapi import FastAPI
from psycopg import sql
from psycopg.types.json import Jsonb

from app.api import errors
from app.api.auth import Principal
from app.api.deps import current_user
from app.api.websocket.protocol import AudioConfig, ErrorEvent, SessionEnd, SessionResume, SessionStart
from app.repositories.database import Database
from app.repositories.live_sessions import PostgresLiveSessions
from app.repositories.sessions import PostgresSessions
from app.services.reports import report_key
from app.services.speech.audio_keys import audio_key
from tests.fakes.bare_client import frame, started
from tests.fakes.exam_plan import plan_for
from tests.fakes.memory_blobs import MemoryBlobs
from tests.fakes.world import world as process
from tests.supabase.conftest import World
from tests.supabase.people import Person, Table

ATTACKS = int(os.environ.get("ATTACKS", "900"))
SQL_SHARE, REST_SHARE, SOCKET_SHARE = 0.6, 0.3, 0.1
SECRET = "alices-secret"
pytestmark = pytest.mark.timeout(120 + ATTACKS // 5)

SignIn = Callable[[UUID], httpx.AsyncClient]


class Victim:
    """A learner whose every text says SECRET, and whether anything of theirs has changed."""

    def __init__(self, superuser: psycopg.Connection, tables: list[Table], user_id: UUID) -> None:
        self._superuser = superuser
        self._tables = tables
        self.id = user_id
        for statement in (
            f"update profiles set display_name = '{SECRET}' where id = %s",
            f"update turns set text = '{SECRET}' where user_id = %s",
            f"update findings set explanation = '{SECRET}' where user_id = %s",
            f"update finding_feedback set comment = '{SECRET}' where user_id = %s",
            f'update analyses set result = \'{{"said": "{SECRET}"}}\' where user_id = %s',
            f'update session_events set payload = \'{{"said": "{SECRET}"}}\' where user_id = %s',
            f'update sessions set summary = \'{{"said": "{SECRET}"}}\', audio_ms = 900 where user_id = %s',
            f'update training_plans set plan = \'{{"said": "{SECRET}"}}\' where user_id = %s',
        ):
            superuser.execute(statement.encode(), (user_id,))
        self.rows = {table.name: self._rows(table) for table in tables}
        self.before = self.state()

    def _rows(self, table: Table) -> list[dict[str, Any]]:
        query = sql.SQL("select to_jsonb(t) from {} t where {} = %s").format(
            sql.Identifier(table.name), sql.Identifier(table.owner)
        )
        return [row[0] for row in self._superuser.execute(query, (self.id,)).fetchall()]

    def ids(self, *columns: str) -> list[str]:
        """Return what stands in these columns of any of the learner's rows."""
        return sorted(
            {
                str(row[column])
                for rows in self.rows.values()
                for row in rows
                for column in columns
                if row.get(column)
            }
        )

    def state(self) -> dict[str, list[str]]:
        """Return all rows as text."""
        return {
            table.name: sorted(json.dumps(row, sort_keys=True) for row in self._rows(table))
            for table in self._tables
        }

    def leaked(self, answer: bytes, *, known: str = "") -> bool:
        """Whether an answer holds a text of the learner's, or an id that the question did not name."""
        if SECRET.encode() in answer:
            return True
        private = [str(self.id), *self.ids("session_id", "turn_id", "finding_id")]
        return any(one.encode() in answer for one in private if one not in known)


@dataclass
class Tally:
    """How many attempts were made, and which of them reached something."""

    made: int = 0
    reached: list[str] = field(default_factory=list)

    def note(self, attempt: str, *, reached: bool) -> None:
        """Count an attempt."""
        self.made += 1
        if reached:
            self.reached.append(attempt)


@pytest.fixture
def victim(world: World, superuser: psycopg.Connection, tables: list[Table]) -> Victim:
    return Victim(superuser, tables, world.alice)


def share(of: float) -> int:
    return max(1, round(ATTACKS * of))


# --- SQL --------------------------------------------------------------------------------------------------


def readings(table: Table, victim: Victim) -> Iterator[tuple[sql.Composed, list[Any]]]:
    """Ways to ask for rows of the victim's: without a filter, by every value there is, through joins."""
    name, owner = sql.Identifier(table.name), sql.Identifier(table.owner)
    of = {"t": name, "o": owner}
    yield sql.SQL("select {o} from {t}").format(**of), []
    yield sql.SQL("select {o} from {t} where {o} = %s or true").format(**of), [victim.id]
    yield (
        sql.SQL("select {o} from {t} a where exists (select from {t} b where b.{o} = %s)").format(**of),
        [victim.id],
    )
    yield (
        sql.SQL("select a.{o} from {t} a cross join sessions s where s.user_id = %s").format(**of),
        [victim.id],
    )
    yield (
        sql.SQL("select {o} from {t} where {o} = %s union all select user_id from sessions").format(**of),
        [victim.id],
    )
    yield sql.SQL("select {o} from {t} tablesample system (100)").format(**of), []
    for row in victim.rows[table.name]:
        for column, value in row.items():
            if value is not None and not isinstance(value, dict | list):
                query = sql.SQL("select {o} from {t} where {c}::text = %s").format(
                    c=sql.Identifier(column), **of
                )
                yield query, [str(value)]


def writings(table: Table, victim: Victim) -> Iterator[tuple[sql.Composed, list[Any]]]:
    """Ways to change, fake or remove rows of the victim's."""
    name, owner = sql.Identifier(table.name), sql.Identifier(table.owner)
    of = {"t": name, "o": owner}
    yield sql.SQL("delete from {t}").format(**of), []
    yield sql.SQL("truncate {t} cascade").format(**of), []
    yield sql.SQL("update {t} set {o} = %s").format(**of), [victim.id]
    for column in table.updatable["authenticated"]:
        changed = sql.Identifier(column)
        for where in ("true", "{o} = %s"):
            query = sql.SQL("update {t} set {c} = {c} where " + where).format(c=changed, **of)
            yield query, [victim.id] if "%s" in where else []
    columns = table.insertable["authenticated"] or (table.owner,)
    for row in victim.rows[table.name]:
        values = [row.get(column) for column in columns]
        written = [Jsonb(value) if isinstance(value, dict | list) else value for value in values]
        statement = sql.SQL("insert into {t} ({names}) values ({values})").format(
            names=sql.SQL(", ").join(map(sql.Identifier, columns)),
            values=sql.SQL(", ").join([sql.Placeholder()] * len(columns)),
            **of,
        )
        yield statement, written
        for column in ("id", "idx", "seq", "n"):
            if column in columns:  # the same again, where no row stands in the way
                fresh = str(uuid4()) if column == "id" else 9_999
                yield statement, [fresh if c == column else v for c, v in zip(columns, written, strict=True)]


def _run(attacker: Person, statement: sql.Composed, values: list[Any]) -> list[Any] | None:
    """Return the rows that the statement gives; None where it was refused."""
    try:
        with attacker.connection() as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else [cursor.rowcount] * max(cursor.rowcount, 0)
    except psycopg.Error:
        return None


def test_no_row_is_reached_through_sql(
    world: World, victim: Victim, tables: list[Table], person: Callable[..., Person]
) -> None:
    """As `authenticated`, without the application, so that row level security is all there is."""
    strangers = [
        person("authenticated", world.bob),
        person("authenticated", uuid4()),
        person("anon", victim.id),
    ]
    attacks = [
        (table, kind, statement, values)
        for table in tables
        for kind, ways in (("read", readings), ("write", writings))
        for statement, values in ways(table, victim)
    ]
    functions = [
        (sql.SQL("select public.erase_account({})").format(sql.Literal(victim.id)), []),
        (sql.SQL("select public.prune_audit({})").format(sql.Literal(30)), []),
        (sql.SQL("select * from auth.users where id = {}").format(sql.Literal(victim.id)), []),
    ]
    tally, chosen = Tally(), random.Random(7)
    for attacker in strangers:
        for statement, values in functions:
            reached = bool(_run(attacker, statement, values))
            tally.note(repr(statement), reached=reached)
    chosen.shuffle(attacks)
    while tally.made < share(SQL_SHARE):
        for table, kind, statement, values in attacks:
            attacker = strangers[tally.made % len(strangers)]
            rows = _run(attacker, statement, values)
            if kind == "read":
                reached = any(victim.id in row for row in rows or ())
            else:
                reached = rows is not None and victim.state() != victim.before
            tally.note(f"{table.name}: {statement!r} {values}", reached=reached)
            if tally.made >= share(SQL_SHARE):
                break
    assert tally.reached == []
    assert victim.state() == victim.before


def test_what_is_written_in_ones_own_name_never_lands_with_the_victim(
    world: World, victim: Victim, tables: list[Table], person: Callable[..., Person]
) -> None:
    """The other way round: rows under the victim's sessions and cards that claim to be the attacker's."""
    attacker, tally = person("authenticated", world.bob), Tally()
    parents = set(victim.ids("session_id", "turn_id", "card_id"))
    for table in tables:
        for statement, values in writings(table, victim):
            claimed = [str(world.bob) if value == str(victim.id) else value for value in values]
            if claimed == values or not parents & set(map(str, claimed)):
                continue  # it does not claim to be the attacker's, or hangs under nothing of the victim's
            rows = _run(attacker, statement, claimed)
            tally.note(f"{table.name}: {statement!r}", reached=bool(rows))
    assert tally.made > 0
    assert tally.reached == []


# --- REST -------------------------------------------------------------------------------------------------


BODIES: tuple[dict[str, Any] | None, ...] = (
    None,
    {},
    {"mode": "quick"},
    {"display_name": "x"},
    {"verdict": "wrong"},
    {"outcome": "passed", "answer": "x"},
)


def requests(app: FastAPI, victim: Victim, chosen: random.Random) -> Iterator[tuple[str, str, Any]]:
    """Every operation of the API with the victim's ids wherever an id may stand, endlessly."""
    paths = [(path, method) for path, item in app.openapi()["paths"].items() for method in item]
    sessions, everything = (
        victim.ids("session_id"),
        victim.ids("id", "session_id", "turn_id", "card_id", "finding_id"),
    )
    while True:
        for path, method in paths:
            if path.startswith("/api/v1/dev") or (method == "delete" and path.endswith("/users/me")):
                continue  # signs in as somebody, or erases the attacker: nothing of the victim's
            ids = sessions if "session" in path else everything
            address = re.sub(r"\{[^}]+\}", lambda _, ids=ids: chosen.choice(ids), path)
            query = chosen.choice(
                ["", f"?user_id={victim.id}", f"?cursor={chosen.choice(everything)}", "?limit=100"]
            )
            body = chosen.choice(BODIES)
            if body is not None and chosen.random() < 0.5:
                body = {**body, "user_id": str(victim.id), "finding_id": chosen.choice(everything)}
            yield method.upper(), address + query, body


async def attack(
    client: httpx.AsyncClient,
    app: FastAPI,
    victim: Victim,
    *,
    attempts: int,
    seed: int,
    may_fail: bool = False,
) -> Tally:
    """Send requests; what the database refuses may look like a defect where the application was turned."""
    tally = Tally()
    for method, address, body in requests(app, victim, random.Random(seed)):
        answer = await client.request(method, address, json=body)
        known = f"{address} {json.dumps(body)}"
        leaked = victim.leaked(answer.content, known=known) or (answer.status_code >= 500 and not may_fail)
        tally.note(f"{method} {address} {body}: {answer.status_code}", reached=leaked)
        if tally.made >= attempts:
            return tally
    raise AssertionError("requests never end")


@pytest.fixture
async def recorded(victim: Victim, blobs: MemoryBlobs) -> None:
    """Give the victim files that say SECRET."""
    for session_id in victim.ids("session_id"):
        await blobs.put(audio_key(UUID(session_id), 0, 1), SECRET.encode() * 2_400)
        await blobs.put(report_key(UUID(session_id)), f"%PDF {SECRET}".encode())


async def test_no_row_and_no_byte_is_reached_over_rest(
    world: World, victim: Victim, recorded: None, app: FastAPI, sign_in: SignIn
) -> None:
    tally = await attack(sign_in(world.bob), app, victim, attempts=share(REST_SHARE / 2), seed=1)
    assert tally.reached == []
    assert victim.state() == victim.before


def _dropped(*_: object) -> dict[str, Any]:
    """Every refusal of the database is a defect to the API, which would be told at length."""
    raise structlog.DropEvent


async def test_without_the_applications_own_filters_row_level_security_holds(
    *,
    world: World,
    victim: Victim,
    recorded: None,
    app: FastAPI,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The API believes that it serves the victim and asks for the victim's rows; only the database, where
    every transaction is the attacker's, knows better."""
    as_user = Database.as_user
    monkeypatch.setattr(Database, "as_user", lambda database, _: as_user(database, world.bob))
    app.dependency_overrides[current_user] = lambda: Principal(victim.id, datetime(2100, 1, 1, tzinfo=UTC))
    monkeypatch.setattr(errors, "_log", structlog.wrap_logger(None, processors=[_dropped]))
    client, attempts = sign_in(victim.id), share(REST_SHARE / 2)
    tally = await attack(client, app, victim, attempts=attempts, seed=2, may_fail=True)
    assert tally.reached == []
    assert victim.state() == victim.before


# --- socket -----------------------------------------------------------------------------------------------


async def test_no_event_and_no_byte_is_reached_over_the_socket(
    world: World, victim: Victim, database: Database
) -> None:
    sessions, chosen, tally = PostgresSessions(database), random.Random(3), Tally()

    async def new(user_id: UUID) -> UUID:
        plan = plan_for("quick").to_dict()
        return (await sessions.create(user_id, mode="quick", clock="short", plan=plan)).id

    async with process(store=PostgresLiveSessions(database)) as w:
        held, own = await new(victim.id), await new(world.bob)
        victims_pipe = await started(w, held, user=victim.id)
        targets = [held, await new(victim.id), *map(UUID, victim.ids("session_id"))]
        while tally.made < share(SOCKET_SHARE):
            target = chosen.choice(targets)
            shown = chosen.choice(
                [str(world.bob), await w.ticket(own, user=world.bob), "st_guessed", str(uuid4())]
            )
            pipe = w.connect(target, user=shown)
            for event in (AudioConfig(), SessionStart(), SessionResume(session_id=str(target), last_seq=0)):
                pipe.send(event)
            pipe.send_frame(frame(0))
            pipe.send(SessionEnd())
            await w.until(lambda pipe=pipe: pipe.code is not None)
            told = [event for event in pipe.received if not isinstance(event, ErrorEvent)]
            reached = bool(told or pipe.frames) or pipe.code not in {4401, 4404}
            tally.note(f"{shown} on {target}: {pipe.code}", reached=reached)
        assert victims_pipe.code is None
        stored = await sessions.get(victim.id, held)
        assert stored is not None
        assert (stored.status, stored.epoch) == ("live", 1)
    assert tally.reached == []
    after = victim.state()
    for table, rows in victim.before.items():
        assert table == "audit_heads" or set(rows) <= set(after[table]), table
