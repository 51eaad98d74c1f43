from pathlib import Path

import pytest

from app.modes.installers import (
    Installer,
    InstallError,
    PipProgress,
    parse_pip_settings,
    uv_attempts,
    uv_settings,
)

SCRIPT = """#!/bin/sh
echo "$(basename "$0") $* index=$UV_INDEX" >> {log}
case "$*" in
{cases}
esac
"""


class Machine:
    """A folder of stand-ins for uv and the environment's python that note their command lines."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._bin = folder / "bin"
        self._environment = folder / "environment"
        self._log = folder / "log"
        self._lock = folder / "requirements.txt"
        self.said: list[str] = []
        for each in (self._bin, self._environment):
            each.mkdir()
        self._lock.write_text("fastapi==1 \\\n    --hash=sha256:00\nav==2 ; python_version < '3.12'\nav==3\n")
        monkeypatch.setenv("PATH", f"{self._bin}:/usr/bin:/bin")
        monkeypatch.delenv("UV_INDEX", raising=False)

    def has_uv(self, *, works: bool) -> None:
        self._write(self._bin / "uv", f"*) exit {0 if works else 1} ;;")

    def has_python(
        self,
        *,
        fetched_uv_works: bool = True,
        uv_can_be_fetched: bool = True,
        pip_works: bool = True,
        ensurepip_works: bool = True,
        settings: str = "",
    ) -> None:
        if uv_can_be_fetched:
            self._write(self._environment / "uv", f"*) exit {0 if fetched_uv_works else 1} ;;")
        cases = [
            f"*ensurepip*) echo ensurepip is missing; exit {0 if ensurepip_works else 1} ;;",
            f'*"config list"*) echo "{settings}" ;;',
            f"*uv.lock*) exit {0 if uv_can_be_fetched else 1} ;;",
            f'*) echo "Collecting fastapi==1 (from -r x)"; echo no network; exit {0 if pip_works else 1} ;;',
        ]
        self._write(self._environment / "python", "\n".join(cases))

    def install(self) -> list[str]:
        """Install and return the programs that were run with their last words."""
        with self._lock.open() as held:
            installer = Installer(
                self._environment / "python", [self._lock], keep_open=held.fileno(), say=self.said.append
            )
            try:
                installer.install(self._environment / "uv.lock")
            finally:
                self.ran = self._log.read_text().splitlines()
        return [self._short(line) for line in self.ran]

    def _short(self, line: str) -> str:
        for word in ("ensurepip", "config list", "uv.lock"):
            if word in line:
                return word
        return f"{line.split(maxsplit=1)[0]} install"

    def _write(self, path: Path, cases: str) -> None:
        path.write_text(SCRIPT.format(log=self._log, cases=cases))
        path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_uv_on_path_is_enough(machine: Machine) -> None:
    machine.has_uv(works=True)
    machine.has_python()
    assert machine.install() == ["uv install"]
    assert "--require-hashes" in machine.ran[0]


def test_uv_is_fetched_where_there_is_none(machine: Machine) -> None:
    machine.has_python()
    assert machine.install() == ["ensurepip", "config list", "uv.lock", "uv install"]
    assert "--require-hashes" in machine.ran[2]


def test_pip_where_uv_cannot_be_fetched(machine: Machine) -> None:
    machine.has_python(uv_can_be_fetched=False)
    assert machine.install() == ["ensurepip", "config list", "uv.lock", "python install"]
    assert "--require-hashes" in machine.ran[3]
    assert machine.said[-1] == "  [1/3] fastapi 1"


def test_pip_where_the_fetched_uv_fails(machine: Machine) -> None:
    machine.has_python(fetched_uv_works=False)
    assert machine.install() == ["ensurepip", "config list", "uv.lock", "uv install", "python install"]


def test_uv_on_path_that_fails_gets_pips_settings_before_pip_does_it(machine: Machine) -> None:
    machine.has_uv(works=False)
    machine.has_python(settings="global.extra-index-url='https://packages.example/simple'")
    assert machine.install() == ["uv install", "ensurepip", "config list", "uv install", "python install"]
    assert machine.ran[0].endswith("index=")
    assert machine.ran[3].endswith("index=https://packages.example/simple")


def test_uv_on_path_that_fails_is_not_asked_twice_for_nothing(machine: Machine) -> None:
    machine.has_uv(works=False)
    machine.has_python()
    assert machine.install() == ["uv install", "ensurepip", "config list", "python install"]


def test_the_main_index_is_asked_before_pips_additional_ones(machine: Machine) -> None:
    machine.has_python(settings="global.extra-index-url='https://packages.example/simple'")
    assert machine.install() == ["ensurepip", "config list", "uv.lock", "uv install"]
    assert machine.ran[-1].endswith("index=")


def test_a_fetched_uv_that_fails_gets_the_additional_sources_before_pip_does_it(machine: Machine) -> None:
    machine.has_python(
        fetched_uv_works=False, settings="global.extra-index-url='https://packages.example/simple'"
    )
    assert machine.install()[2:] == ["uv.lock", "uv install", "uv install", "python install"]
    assert machine.ran[4].endswith("index=https://packages.example/simple")


def test_without_an_index_the_additional_sources_are_all_there_is() -> None:
    [settings] = uv_attempts({"no-index": "true", "find-links": "/wheels"})
    assert settings["UV_FIND_LINKS"] == "/wheels"


def test_failure_ends_with_pips_own_words(machine: Machine) -> None:
    machine.has_python(uv_can_be_fetched=False, pip_works=False)
    with pytest.raises(InstallError, match="no network"):
        machine.install()


def test_python_without_pip_says_what_to_install(machine: Machine) -> None:
    machine.has_python(ensurepip_works=False)
    with pytest.raises(InstallError, match=r"ensurepip is missing(.|\n)*python3-venv"):
        machine.install()


def test_progress_counts_what_this_platform_needs() -> None:
    said: list[str] = []
    progress = PipProgress(4, said.append)
    for line in (
        "Ignoring colorama: markers 'sys_platform == \"win32\"' don't match your environment",
        "Ignoring colorama: markers 'sys_platform == \"win32\"' don't match your environment",
        "Collecting anyio==4.16.0 (from -r requirements.txt (line 1))",
        "  Downloading anyio-4.16.0-py3-none-any.whl (100 kB)",
        "Collecting av==18.1.0",
        "Installing collected packages: anyio, av",
    ):
        progress(line)
    assert said[:2] == ["  [1/3] anyio 4.16.0", "  [2/3] av 18.1.0"]
    assert len(said) == 3


def test_pips_settings_become_uvs() -> None:
    listing = [
        ":env:.index-url='https://first.example/simple'",
        "global.cert='/etc/ssl/ca.pem'",
        "global.extra-index-url='\\nhttps://a.example/simple\\nfile:///b'",
        "global.find-links='/wheels /more'",
        "global.index-url='https://second.example/simple'",
        "global.timeout='60'",
        "list.format='columns'",
    ]
    assert uv_settings(parse_pip_settings(listing)) == {
        "UV_DEFAULT_INDEX": "https://first.example/simple",
        "SSL_CERT_FILE": "/etc/ssl/ca.pem",
        "UV_INDEX": "https://a.example/simple file:///b",
        "UV_FIND_LINKS": "/wheels,/more",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }
    assert uv_settings(parse_pip_settings(["global.timeout='60'", ""])) == {}
