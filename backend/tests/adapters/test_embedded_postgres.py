import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.adapters.embedded_postgres import (
    DataFolderInUse,
    EmbeddedPostgres,
    EmbeddedPostgresError,
    programs,
    runtime,
)
from app.adapters.embedded_postgres import binaries as binaries_module
from app.adapters.embedded_postgres.account import NOBODY, Account, account_for
from app.adapters.embedded_postgres.binaries import Binaries, find_binaries
from app.adapters.embedded_postgres.leftovers import postmaster_pid, workers_in

BACKEND = Path(__file__).resolve().parents[2]
PATIENCE_S = 20.0


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a database of an earlier start that holds one row."""
    data_dir = tmp_path_factory.mktemp("used")
    with EmbeddedPostgres(data_dir) as server:
        execute(server.superuser_conninfo, "create table answer (text text)")
        execute(server.superuser_conninfo, "insert into answer values ('I live in Tashkent')")
    return data_dir


def execute(conninfo: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def answers(conninfo: str) -> list[object]:
    return [text for (text,) in execute(conninfo, "select text from answer")]


def answers_once_up(conninfo: str) -> list[object]:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return answers(conninfo)
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise


def cluster_of(data_dir: Path) -> Path:
    return data_dir.resolve() / "postgres" / "cluster"


@contextlib.contextmanager
def database_process(data_dir: Path, *uid: int) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A database in a process of its own, and the superuser's connection string."""
    script = BACKEND / "tests" / "fakes" / "database_process.py"
    with subprocess.Popen(
        [sys.executable, str(script), str(data_dir), *map(str, uid)],
        env=os.environ | {"PYTHONPATH": str(BACKEND)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            assert process.stdin is not None
            process.stdin.close()


def test_new_data_folder(tmp_path: Path) -> None:
    half_made = cluster_of(tmp_path).with_name("cluster.new")
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("16\n")
    server = EmbeddedPostgres(tmp_path)
    with pytest.raises(EmbeddedPostgresError, match="not running"):
        _ = server.conninfo

    server.start()
    try:
        [(database, tcp, encoding)] = execute(
            server.superuser_conninfo,
            "select current_database(), current_setting('listen_addresses'), pg_encoding_to_char(encoding)"
            " from pg_database where datname = current_database()",
        )
        assert (database, tcp, encoding) == ("speakmate", "", "UTF8")
        socket_folder = Path(psycopg.conninfo.conninfo_to_dict(server.conninfo)["host"])
        assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
        for password in cluster_of(tmp_path).parent.glob("*.password"):
            assert stat.S_IMODE(password.stat().st_mode) == 0o600
            assert len(password.read_text().strip()) == 48
        with pytest.raises(psycopg.OperationalError, match="password"):
            execute(
                psycopg.conninfo.make_conninfo(server.superuser_conninfo, password="postgres"), "select 1"
            )
    finally:
        server.stop()

    assert not half_made.exists()
    assert not socket_folder.exists()
    assert workers_in(cluster_of(tmp_path)) == []
    server.stop()  # a second time is no error


def test_login_role_is_the_schemas_to_make(used: Path) -> None:
    with EmbeddedPostgres(used) as server:
        execute(
            server.superuser_conninfo,
            f"create role {server.login_role} login password '{server.login_password}'",
        )
        [(user,)] = execute(server.conninfo, "select current_user")
        assert user == server.login_role
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            answers(server.conninfo)


def test_what_was_committed_outlives_a_stop(used: Path) -> None:
    with EmbeddedPostgres(used) as server:
        assert answers(server.superuser_conninfo) == ["I live in Tashkent"]


def test_server_process_that_is_killed_is_started_again(used: Path) -> None:
    with EmbeddedPostgres(used) as server:
        killed = postmaster_pid(cluster_of(used))
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        assert answers_once_up(server.superuser_conninfo) == ["I live in Tashkent"]
        assert postmaster_pid(cluster_of(used)) != killed


def test_data_folder_serves_one_process_at_a_time(used: Path) -> None:
    with EmbeddedPostgres(used) as first:
        with pytest.raises(DataFolderInUse, match=rf"process {os.getpid()}\).*--data-dir"):
            EmbeddedPostgres(used).start()
        assert answers(first.superuser_conninfo) == ["I live in Tashkent"]


def test_two_folders_side_by_side(used: Path, tmp_path: Path) -> None:
    with EmbeddedPostgres(used) as one, EmbeddedPostgres(tmp_path) as other:
        assert answers(one.superuser_conninfo) == ["I live in Tashkent"]
        with pytest.raises(psycopg.errors.UndefinedTable):
            answers(other.superuser_conninfo)


def test_owner_that_is_killed_blocks_nobody(used: Path) -> None:
    with database_process(used) as (process, conninfo):
        execute(conninfo, "insert into answer values ('with my family')")
        process.kill()
        process.wait()
    with EmbeddedPostgres(used) as server:
        assert answers(server.superuser_conninfo) == ["I live in Tashkent", "with my family"]
        execute(server.superuser_conninfo, "delete from answer where text = 'with my family'")


def test_owner_and_server_killed_together(used: Path) -> None:
    with database_process(used) as (process, _conninfo):
        leader = postmaster_pid(cluster_of(used))
        assert leader is not None
        process.send_signal(signal.SIGSTOP)  # so that it cannot start the server again
        os.kill(leader, signal.SIGKILL)
        process.kill()
        process.wait()
    assert (cluster_of(used) / "postmaster.pid").exists()
    with EmbeddedPostgres(used) as server:
        assert answers(server.superuser_conninfo) == ["I live in Tashkent"]


def test_process_number_of_a_dead_server_taken_by_another_process(used: Path) -> None:
    cluster = cluster_of(used)
    bystander = subprocess.Popen(["sleep", "60"], cwd=cluster, **account_for(cluster).run_as)
    try:
        (cluster / "postmaster.pid").write_text(f"{bystander.pid}\n{cluster}\n1\n5432\n\n\n  1 1\nready\n")
        with EmbeddedPostgres(used) as server:
            assert answers(server.superuser_conninfo) == ["I live in Tashkent"]
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_zombie_that_nobody_reaps(used: Path) -> None:
    cluster = cluster_of(used)
    with subprocess.Popen(["true"], stdout=subprocess.PIPE, **account_for(cluster).run_as) as zombie:
        assert zombie.stdout is not None
        zombie.stdout.read()
        os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
        (cluster / "postmaster.pid").write_text(f"{zombie.pid}\n{cluster}\n1\n5432\n\n\n  1 1\nready\n")
        with EmbeddedPostgres(used) as server:
            assert answers(server.superuser_conninfo) == ["I live in Tashkent"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user; others are one already")
def test_as_an_ordinary_user() -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        folder.chmod(0o755)
        data_dir = folder / "data"
        Account(NOBODY, NOBODY).make_folder(data_dir)
        with database_process(data_dir, NOBODY) as (process, conninfo):
            [(version,)] = execute(conninfo, "select current_setting('server_version_num')::int")
            assert isinstance(version, int)
            assert version >= 150_000
        assert process.returncode == 0
        assert (data_dir / "postgres" / "lock").stat().st_uid == NOBODY
        assert workers_in(cluster_of(data_dir)) == []
    finally:
        shutil.rmtree(folder)


def test_folder_that_cannot_be_made_leaves_no_half_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(programs, "LOCALE", "nowhere.UTF-8")
        with pytest.raises(EmbeddedPostgresError, match="locale"):
            EmbeddedPostgres(tmp_path).start()
    assert not cluster_of(tmp_path).exists()
    with EmbeddedPostgres(tmp_path) as server:
        assert execute(server.superuser_conninfo, "select 1") == [(1,)]


def test_server_that_does_not_start_says_why(used: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "data"
    shutil.copytree(used, damaged)
    account = account_for(cluster_of(used))
    for path in (cluster_of(damaged), *cluster_of(damaged).rglob("*")):
        os.chown(path, account.uid, account.gid)
    (cluster_of(damaged) / "PG_VERSION").write_text("9\n")
    with pytest.raises(EmbeddedPostgresError, match="not compatible"):
        EmbeddedPostgres(damaged).start()
    assert workers_in(cluster_of(damaged)) == []


def test_socket_folder_of_somebody_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = Path(tempfile.mkdtemp())
    try:
        monkeypatch.setattr(tempfile, "tempdir", str(base))
        own = Account(os.geteuid(), os.getegid())
        first = runtime.make_runtime_folder(tmp_path, own)
        assert runtime.make_runtime_folder(tmp_path, own) == first  # what a killed server left is replaced
        first.rmdir()
        trap = base / "trap"
        trap.mkdir()
        first.symlink_to(trap)
        other = runtime.make_runtime_folder(tmp_path, own)
        assert other != first
        assert not other.is_symlink()
    finally:
        shutil.rmtree(base)


def test_long_temporary_folder_is_not_used_for_the_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("d" * 90)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    folder = runtime.make_runtime_folder(tmp_path, Account(os.geteuid(), os.getegid()))
    folder.rmdir()
    assert len(os.fsencode(folder / ".s.PGSQL.5432")) <= runtime.MAX_SOCKET_PATH


def test_system_installation_when_the_package_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries_module, "WHEEL", "no_such_package")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EmbeddedPostgresError, match="DATABASE_URL"):
        find_binaries()
    (tmp_path / "initdb").touch(mode=0o755)
    for version, fits in (("15.9", False), ("16.1", True), ("devel", False), ("17beta2", True)):
        (tmp_path / "postgres").write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version} (Debian)'\n")
        (tmp_path / "postgres").chmod(0o755)
        if fits:
            assert find_binaries().copied_to(tmp_path / "copy") == Binaries(tmp_path)
        else:
            with pytest.raises(EmbeddedPostgresError, match="16 or newer"):
                find_binaries()
