"""What a learner may write, and what stays closed to everybody; access table by table is in
test_access_matrix.py.
"""

import psycopg
import pytest
from psycopg import sql

from tests.supabase.catalogue import security_problems
from tests.supabase.conftest import World
from tests.supabase.people import Table

_SAID = "(session_id, finding_id, user_id, rule_id, rule_version, verdict) "


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


def test_what_a_learner_may_write(tables: list[Table]) -> None:
    written = {
        table.name: (
            set(table.insertable["authenticated"]),
            set(table.updatable["authenticated"]),
        )
        for table in tables
    }
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
        "select erase_account(auth.uid())",
        "update sessions set user_id = gen_random_uuid()",
        "update sessions set epoch = epoch + 1",
        "update sessions set started_at = now() - interval '2 days'",
        "update sessions set audio_ms = audio_ms - 1",
        "update sessions set status = 'created'",
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
