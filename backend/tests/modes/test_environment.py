import fcntl
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.modes.environment import ENTERED, STAMP, UNFINISHED, Environment
from app.modes.errors import CannotStart


@dataclass
class FakeInstaller:
    """Writes down what it was asked for; fails when told to."""

    fails: bool = False
    asked: list[list[str]] = field(default_factory=list)

    def __call__(self, python: Path, locks: Sequence[Path], descriptor: int) -> None:
        subprocess.run([python, "-c", "pass"], check=True)
        os.fstat(descriptor)
        self.asked.append([lock.name for lock in locks])
        (python.parent.parent / "installed").touch()
        if self.fails:
            raise ConnectionError


def quiet(line: str) -> None:
    pass


@pytest.fixture
def runtime(tmp_path: Path) -> Environment:
    """An environment that does not exist yet, for the runtime lock."""
    lock = tmp_path / "requirements.txt"
    lock.write_text("fastapi==1\n")
    (tmp_path / "requirements-dev.txt").write_text("pytest==1\n")
    return Environment(tmp_path / ".venv", (lock,))


def with_tests(runtime: Environment) -> Environment:
    return Environment(runtime.folder, (*runtime.locks, runtime.folder.with_name("requirements-dev.txt")))


def test_first_start_installs_and_later_ones_do_not(runtime: Environment) -> None:
    install = FakeInstaller()
    assert not runtime.is_current()
    runtime.prepare(install, quiet)
    assert runtime.is_current()
    runtime.prepare(install, quiet)
    assert install.asked == [["requirements.txt"]]


def test_tests_need_their_packages_too(runtime: Environment) -> None:
    install = FakeInstaller()
    runtime.prepare(install, quiet)
    assert not with_tests(runtime).is_current()
    with_tests(runtime).prepare(install, quiet)
    assert install.asked == [["requirements.txt"], ["requirements.txt", "requirements-dev.txt"]]
    assert runtime.is_current()
    assert with_tests(runtime).is_current()


def test_changed_lock_is_installed_over_what_is_there(runtime: Environment) -> None:
    install = FakeInstaller()
    with_tests(runtime).prepare(install, quiet)
    (runtime.folder / "kept").touch()
    runtime.locks[0].write_text("fastapi==2\n")
    assert not runtime.is_current()
    runtime.prepare(install, quiet)
    assert with_tests(runtime).is_current()  # the other lock did not change
    assert (runtime.folder / "kept").exists()


def test_installation_that_failed_or_was_killed_starts_anew(runtime: Environment) -> None:
    with pytest.raises(ConnectionError):
        runtime.prepare(FakeInstaller(fails=True), quiet)
    assert (runtime.folder / UNFINISHED).exists()
    assert not runtime.is_current()
    half = runtime.folder / "half a package"
    half.touch()
    runtime.prepare(FakeInstaller(), quiet)
    assert runtime.is_current()
    assert not half.exists()


def test_killed_while_a_changed_lock_was_installed(runtime: Environment) -> None:
    runtime.prepare(FakeInstaller(), quiet)
    stamp = (runtime.folder / STAMP).read_text()
    (runtime.folder / UNFINISHED).touch()
    assert (runtime.folder / STAMP).read_text() == stamp  # the stamp alone would be believed
    assert not runtime.is_current()


def test_environment_made_by_someone_else_is_kept(runtime: Environment) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", runtime.folder], check=True)
    (runtime.folder / "kept").touch()
    assert not runtime.is_current()
    runtime.prepare(FakeInstaller(), quiet)
    assert runtime.is_current()
    assert (runtime.folder / "kept").exists()


def test_python_that_is_gone(runtime: Environment) -> None:
    runtime.prepare(FakeInstaller(), quiet)
    for name in ("python", "python3"):
        (runtime.folder / "bin" / name).unlink()
        (runtime.folder / "bin" / name).symlink_to("/nowhere/python3")
    assert not runtime.is_current()
    install = FakeInstaller()
    runtime.prepare(install, quiet)
    assert runtime.is_current()
    assert install.asked == [["requirements.txt"]]


def test_python_of_another_version(runtime: Environment) -> None:
    runtime.prepare(FakeInstaller(), quiet)
    stamp = json.loads((runtime.folder / STAMP).read_text())
    (runtime.folder / STAMP).write_text(json.dumps(stamp | {"python": "3.10"}))
    (runtime.folder / "lib" / "old").touch()
    assert not runtime.is_current()
    runtime.prepare(FakeInstaller(), quiet)
    assert not (runtime.folder / "lib" / "old").exists()


@pytest.mark.parametrize("stamp", ["", "[]", '{"locks": 3}', '{"python": "3.11"}'])
def test_damaged_stamp_is_not_believed(runtime: Environment, stamp: str) -> None:
    runtime.prepare(FakeInstaller(), quiet)
    (runtime.folder / STAMP).write_text(stamp)
    assert not runtime.is_current()


def test_folder_that_is_no_environment_is_left_alone(runtime: Environment) -> None:
    runtime.folder.mkdir()
    precious = runtime.folder / "thesis.txt"
    precious.touch()
    with pytest.raises(CannotStart, match="not a Python environment"):
        runtime.prepare(FakeInstaller(), quiet)
    assert precious.exists()


def test_two_first_starts_take_turns(runtime: Environment) -> None:
    waiting, go_on = threading.Event(), threading.Event()
    first, second = FakeInstaller(), FakeInstaller()

    def slow(python: Path, locks: Sequence[Path], descriptor: int) -> None:
        start_second.start()
        assert waiting.wait(20)
        first(python, locks, descriptor)
        go_on.set()

    def say(line: str) -> None:
        assert "waiting" in line
        waiting.set()

    start_second = threading.Thread(target=runtime.prepare, args=(second, say))
    runtime.prepare(slow, quiet)
    start_second.join(20)
    assert go_on.is_set()
    assert (len(first.asked), len(second.asked)) == (1, 0)


def test_installer_that_outlives_its_start_still_holds_the_turn(runtime: Environment) -> None:
    orphans: list[subprocess.Popen[bytes]] = []

    def killed(python: Path, locks: Sequence[Path], descriptor: int) -> None:
        orphans.append(subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=(descriptor,)))
        raise ConnectionError

    with pytest.raises(ConnectionError):
        runtime.prepare(killed, quiet)
    with (
        runtime.folder.with_name(".venv.lock").open() as lock,
        pytest.raises(BlockingIOError),
    ):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    orphans[0].communicate()
    runtime.prepare(FakeInstaller(), quiet)
    assert runtime.is_current()


def test_entering_twice_is_refused_instead_of_looping(
    runtime: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not runtime.is_entered()
    monkeypatch.setenv(ENTERED, "1")
    with pytest.raises(CannotStart, match="does not enter"):
        runtime.enter(Path("run.py"), [])


def test_moved_repository(runtime: Environment, tmp_path: Path) -> None:
    runtime.prepare(FakeInstaller(), quiet)
    moved = tmp_path / "moved" / ".venv"
    moved.parent.mkdir()
    shutil.move(runtime.folder, moved)
    assert Environment(moved, runtime.locks).is_current()  # it is started by `python -m`, not by scripts
