import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from app.adapters.embedded_postgres import EmbeddedPostgres
from app.adapters.embedded_postgres.leftovers import workers_in
from app.config import Settings
from app.modes import serve

BACKEND = Path(__file__).resolve().parents[2]
SCRIPT = BACKEND / "tests" / "fakes" / "serve_process.py"


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


def environment() -> dict[str, str]:
    own = {name.upper() for name in Settings.model_fields}
    inherited = {name: value for name, value in os.environ.items() if name not in own}
    return inherited | {"PYTHONPATH": str(BACKEND)}


@contextlib.contextmanager
def served(data_dir: Path, *argv: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A server on a free port and its address."""
    with subprocess.Popen(
        [sys.executable, str(SCRIPT), "--port", "0", "--data-dir", str(data_dir), "--json", *argv],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()


def role_at(url: str) -> str:
    return httpx.get(f"{url}/role", timeout=20).raise_for_status().text


def refused(data_dir: Path, *argv: str) -> str:
    """What a start that fails says."""
    command = [sys.executable, str(SCRIPT), "--data-dir", str(data_dir), *argv]
    start = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert (start.returncode, start.stdout) == (1, "")
    return start.stderr


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_serves_until_told_to_stop_and_takes_the_database_along(data_dir: Path, stop: signal.Signals) -> None:
    with served(data_dir) as (process, url):
        assert role_at(url) == "speakmate_login"
        os.killpg(process.pid, stop)  # as Ctrl-C does: everything in the terminal's group gets it
        rest, said = process.communicate(timeout=30)
        assert process.returncode == 0
        assert rest == ""
        assert "SpeakMate AI is ready" in said
        assert "Traceback" not in said
    assert workers_in(data_dir.resolve() / "postgres" / "cluster") == []


def test_second_server_is_told_what_stands_in_its_way(data_dir: Path, tmp_path: Path) -> None:
    with served(data_dir) as (process, url):
        port = url.rsplit(":", 1)[1]
        assert f"Port {port} is in use" in refused(tmp_path, "--port", port)
        assert f"process {process.pid}" in refused(data_dir, "--port", "0")
        assert role_at(url) == "speakmate_login"


def test_killed_server_does_not_block_the_next(data_dir: Path) -> None:
    with served(data_dir) as (process, url):
        port = url.rsplit(":", 1)[1]
        process.kill()
        process.wait()
        with served(data_dir, "--port", port) as (_, again):
            assert again == url
            assert role_at(again) == "speakmate_login"


def test_schema_that_the_database_refuses_stops_the_start_and_the_database(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path) as server, psycopg.connect(server.superuser_conninfo) as connection:
        connection.execute("create table public.sessions (id int)")
    assert "refuses the schema" in refused(tmp_path, "--port", "0")
    assert workers_in(tmp_path.resolve() / "postgres" / "cluster") == []


def test_signal_that_a_package_swallows_is_not_lost() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with serve._interruptible() as interruption:
        interruption.check()
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)  # a second one does not disturb the clearing up
        with pytest.raises(serve.Interrupted) as interrupted:
            interruption.check()
    assert interrupted.value.signum == signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is before
