"""The audit log: written by what is done, changed by nobody, and telling of it when somebody did."""

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from app.config import Settings
from app.repositories.audit import PostgresAudit
from app.repositories.database import Database
from app.repositories.erasure import PostgresErasure
from app.repositories.sessions import PostgresSessions
from app.repositories.users import PostgresAccounts
from app.services.audit import AuditEntry, Broken
from app.workers.verify_audit import verify_audit
from tests.supabase.catalogue import TABLES
from tests.supabase.conftest import World
from tests.supabase.people import DENIED, Person

AUDITED = {
    "profiles": {"account.created", "profile.changed"},
    "sessions": {
        "session.created",
        "session.started",
        "session.ended",
        "session.claimed",
        "recording.removed",
    },
    "jobs": {"job.queued", "job.done", "job.failed", "job.restored"},
    "analyses": {"analysis.stored", "analysis.replaced"},
    "finding_feedback": {"finding.judged"},
    "training_cards": {"card.made", "card.changed"},
    "training_reviews": {"drill.completed", "drill.changed"},
    "training_plans": {"plan.made"},
    "socket_tickets": {"ticket.issued"},
}
PART_OF_ANOTHER = {
    "session_events": "what happens in a session that was started",
    "turns": "what is said in it",
    "findings": "a part of the analysis",
    "training_sources": "says that cards were made",
    "llm_calls": "a log of its own",
    "audit_log": "the log",
    "audit_heads": "the ends of its chains",
    "erasure_receipts": "what is left of an account whose log went with it",
}


@pytest.fixture
def audit(database: Database) -> PostgresAudit:
    return PostgresAudit(database)


@pytest.fixture
async def chain(audit: PostgresAudit, database: Database, alice: UUID) -> AsyncIterator[list[AuditEntry]]:
    """A learner's chain of six rows, oldest first; whatever a test does to the log is made good."""
    for name in ("A", "Oʻgʻiloy", 'quote " \\ and \n', "Дилноза", "E"):
        await PostgresAccounts(database).update(alice, {"display_name": name})
    yield (await audit.page(alice, limit=100, before=None))[::-1]
    await PostgresErasure(database).erase(alice)


def tamper(superuser: psycopg.Connection, statement: str, user_id: UUID, n: int) -> None:
    """Do what nobody may, as somebody who can do everything."""
    with superuser.transaction():
        superuser.execute("set local session_replication_role = replica")
        superuser.execute(sql.SQL(statement), {"user_id": user_id, "n": n})  # type: ignore[arg-type]


def test_every_table_is_audited_or_a_part_of_what_is(superuser: psycopg.Connection) -> None:
    tables = {name for name, *_ in superuser.execute(TABLES).fetchall()}
    assert tables == AUDITED.keys() | PART_OF_ANOTHER.keys()
    written: dict[str, set[str]] = {}
    for table, definition in superuser.execute(
        """
        select tgrelid::regclass::text, pg_get_triggerdef(oid) from pg_trigger
        where tgname like '%\\_audit\\_%'
        """
    ).fetchall():
        written.setdefault(table, set()).add(definition.split("('")[1].split("'")[0])
    assert written == AUDITED


async def test_a_learners_life_is_in_their_log(world: World, audit: PostgresAudit) -> None:
    rows = (await audit.page(world.alice, limit=100, before=None))[::-1]
    assert [row.n for row in rows] == list(range(1, len(rows) + 1))
    done = [(row.actor, row.action) for row in rows]
    assert done[0][1] == "account.created"
    for entry in [
        ("learner", "session.created"),
        ("learner", "session.started"),
        ("learner", "session.ended"),
        ("learner", "job.queued"),
        ("service", "analysis.stored"),
        ("service", "job.done"),
        ("learner", "finding.judged"),
        ("service", "card.made"),
        ("learner", "drill.completed"),
        ("learner", "plan.made"),
        ("learner", "ticket.issued"),
        ("learner", "recording.read"),
    ]:
        assert entry in done, entry
    assert str(world.live[world.alice].id) in {(row.record or "").split("/")[1] for row in rows}
    assert (await audit.check()).broken is None


async def test_the_log_names_columns_and_never_what_is_in_them(
    audit: PostgresAudit, database: Database, alice: UUID, superuser: psycopg.Connection
) -> None:
    private = {"display_name": "Dilnoza Yusupova +998 90 123 45 67", "target_band": 7}
    await PostgresAccounts(database).update(alice, private)
    (row,) = await audit.page(alice, limit=1, before=None)
    assert (row.action, row.details) == ("profile.changed", {"changed": ["display_name", "target_band"]})
    everything = superuser.execute("select string_agg(a::text, ' ') from audit_log a").fetchone()
    assert everything is not None
    assert "Yusupova" not in everything[0]


async def test_what_is_rolled_back_was_not_done(
    audit: PostgresAudit, database: Database, alice: UUID
) -> None:
    async def fail() -> None:
        async with database.as_user(alice) as connection:
            await connection.execute("update profiles set display_name = 'Ghost'")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert [row.action for row in await audit.page(alice, limit=9, before=None)] == ["account.created"]


async def test_a_statement_that_writes_thousands_of_rows_is_one_row_of_the_log(
    audit: PostgresAudit, alice: UUID, superuser: psycopg.Connection
) -> None:
    superuser.execute(
        """
        insert into training_cards (user_id, target, kind, criterion, material, memory, due)
        select %s, 'T-' || i, 'rule', 'pronunciation', '{}', '{}', now() from generate_series(1, 3000) i
        """,
        (alice,),
    )
    (row,) = await audit.page(alice, limit=1, before=None)
    assert (row.actor, row.action, row.record, row.details) == ("system", "card.made", "card", {"rows": 3000})


async def test_writers_of_one_learner_make_one_chain(
    audit: PostgresAudit, database: Database, alice: UUID
) -> None:
    sessions = PostgresSessions(database)
    await asyncio.gather(*(sessions.create(alice, mode="quick", clock="short", plan={}) for _ in range(40)))
    rows = (await audit.page(alice, limit=100, before=None))[::-1]
    assert [row.n for row in rows] == list(range(1, 42))
    assert all(row.prev == before.hash for before, row in pairwise(rows))


@pytest.mark.parametrize(
    ("statement", "n", "reason"),
    [
        (
            "update audit_log set action = 'account.other' where user_id = %(user_id)s and n = %(n)s",
            3,
            "changed",
        ),
        (
            "update audit_log set at = at - interval '1 ms' where user_id = %(user_id)s and n = %(n)s",
            1,
            "changed",
        ),
        ("update audit_log set actor = 'system' where user_id = %(user_id)s and n = %(n)s", 6, "changed"),
        (
            "update audit_log set origin = '10.0.0.0/24' where user_id = %(user_id)s and n = %(n)s",
            2,
            "changed",
        ),
        ("update audit_log set details = '{}' where user_id = %(user_id)s and n = %(n)s", 5, "changed"),
        ("delete from audit_log where user_id = %(user_id)s and n = %(n)s", 4, "missing"),
        ("delete from audit_log where user_id = %(user_id)s and n >= %(n)s", 6, "missing"),
        ("delete from audit_log where user_id = %(user_id)s and n >= %(n)s", 1, "missing"),
        ("delete from audit_heads where user_id = %(user_id)s and %(n)s > 0", 1, "no head"),
        (
            "update audit_heads set hash = repeat('f', 64) where user_id = %(user_id)s and %(n)s > 0",
            6,
            "head says",
        ),
    ],
)
async def test_tampering_names_the_first_broken_row(
    *,
    audit: PostgresAudit,
    chain: list[AuditEntry],
    alice: UUID,
    superuser: psycopg.Connection,
    statement: str,
    n: int,
    reason: str,
) -> None:
    assert (await audit.check()).broken is None
    tamper(superuser, statement, alice, n)
    broken = (await audit.check()).broken
    assert broken is not None
    assert (broken.user_id, broken.n) == (alice, n)
    assert reason in broken.reason


async def test_a_chain_that_is_gone_altogether_shows(
    audit: PostgresAudit, chain: list[AuditEntry], alice: UUID, superuser: psycopg.Connection
) -> None:
    tamper(superuser, "delete from audit_log where user_id = %(user_id)s and n >= %(n)s", alice, 1)
    tamper(superuser, "delete from audit_heads where user_id = %(user_id)s and %(n)s = 1", alice, 1)
    assert (await audit.check()).broken == Broken(alice, 0, "the chain is missing")


async def test_the_check_on_the_command_line(
    chain: list[AuditEntry],
    alice: UUID,
    superuser: psycopg.Connection,
    postgres: object,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = Settings(environment="test", database_url=postgres.conninfo)  # type: ignore[attr-defined]
    assert await asyncio.to_thread(verify_audit, settings) == 0
    assert "is whole" in capsys.readouterr().out
    tamper(superuser, "delete from audit_log where user_id = %(user_id)s and n = %(n)s", alice, 3)
    assert await asyncio.to_thread(verify_audit, settings) == 1
    assert f"broken at row 3 of {alice}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_log set action = 'nothing.happened'",
        "delete from audit_log",
        "truncate audit_log",
        "update audit_heads set base_n = n",
        "delete from audit_heads",
        "insert into audit_log (user_id, action) select user_id, 'session.created' from audit_heads",
        "insert into audit_log (user_id, action, at) select user_id, 'report.read', now() from audit_heads",
    ],
)
async def test_nobody_changes_the_log(
    *,
    chain: list[AuditEntry],
    alice: UUID,
    person: Callable[..., Person],
    superuser: psycopg.Connection,
    statement: str,
) -> None:
    for who in (person("authenticated", alice), person("service_role"), person("anon")):
        with pytest.raises(DENIED), who.connection() as connection:
            connection.execute(statement.encode())
    if "audit_log" in statement and not statement.startswith("insert"):
        with pytest.raises(DENIED, match="append-only"), superuser.transaction():
            superuser.execute(statement.encode())


async def test_retention_keeps_what_is_left_checkable(
    audit: PostgresAudit,
    chain: list[AuditEntry],
    alice: UUID,
    superuser: psycopg.Connection,
    database: Database,
) -> None:
    old = uuid4()
    await PostgresAccounts(database).add_development_user(old, f"{old}@example.test")
    for _ in range(3):
        await PostgresAccounts(database).update(old, {"display_name": uuid4().hex})
    _age(superuser, old, rows=3)
    assert (await audit.check()).broken is None
    assert await audit.prune(keep_days=100) == 3
    assert [row.n for row in await audit.page(old, limit=9, before=None)] == [4]
    assert len(await audit.page(alice, limit=9, before=None)) == len(chain)
    assert (await audit.check()).broken is None
    await PostgresAccounts(database).update(old, {"display_name": "later"})
    assert (await audit.check()).broken is None
    tamper(superuser, "delete from audit_log where user_id = %(user_id)s and n = %(n)s", old, 4)
    assert (await audit.check()).broken == Broken(old, 4, "the row is missing")
    await PostgresErasure(database).erase(old)


def _age(superuser: psycopg.Connection, user_id: UUID, *, rows: int) -> None:
    """Make the first rows of a chain 200 days older, and seal the chain again as it would have been."""
    with superuser.transaction():
        superuser.execute("set local session_replication_role = replica")
        for (n,) in superuser.execute(
            "select n from audit_log where user_id = %s order by n", (user_id,)
        ).fetchall():
            superuser.execute(
                """
                update audit_log a set at = at - make_interval(days => %(days)s),
                  prev = coalesce((select hash from audit_log b where b.user_id = a.user_id
                    and b.n = a.n - 1), repeat('0', 64))
                where user_id = %(user_id)s and n = %(n)s
                """,
                {"days": 200 if n <= rows else 0, "user_id": user_id, "n": n},
            )
            superuser.execute(
                """
                update audit_log set hash = encode(sha256(convert_to(jsonb_build_array(prev, user_id, n,
                  to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), actor, action, record,
                  details, origin, request_id)::text, 'UTF8')), 'hex')
                where user_id = %s and n = %s
                """,
                (user_id, n),
            )
        superuser.execute(
            """
            update audit_heads h set hash = a.hash from audit_log a
            where a.user_id = h.user_id and a.n = h.n and h.user_id = %s
            """,
            (user_id,),
        )


async def test_the_log_is_not_shortened_below_a_month(audit: PostgresAudit) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match="30 days"):
        await audit.prune(keep_days=0)


async def test_an_erased_account_takes_its_chain_along(
    audit: PostgresAudit,
    chain: list[AuditEntry],
    database: Database,
    alice: UUID,
    superuser: psycopg.Connection,
) -> None:
    await PostgresErasure(database).erase(alice)
    left = superuser.execute("select count(*) from audit_log where user_id = %s", (alice,)).fetchone()
    assert left == (0,)
    assert (await audit.check()).broken is None
