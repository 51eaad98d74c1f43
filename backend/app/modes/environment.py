"""The virtual environment in the repository: whole, current and working, or made so."""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from app.modes.errors import CannotStart

STAMP = "speakmate.json"
UNFINISHED = "speakmate.unfinished"
ENTERED = "SPEAKMATE_ENVIRONMENT_ENTERED"

Install = Callable[[Path, Sequence[Path], int], None]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Environment:
    """The environment in `folder`, which shall hold what the lock files `locks` name.

    A stamp in the folder says which locks were installed to the end, by their hash. While an installation
    runs, a mark says so; where the mark is left over, the folder is not trusted and made anew.
    """

    folder: Path
    locks: tuple[Path, ...]

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.folder / "bin" / "python"

    def is_current(self) -> bool:
        """Whether everything in `locks` is installed and the interpreter runs."""
        if (self.folder / UNFINISHED).exists():
            return False
        stamp = self._stamp()
        installed = stamp.get("locks")
        if not isinstance(installed, dict):
            return False
        if any(installed.get(lock.name) != _sha256(lock) for lock in self.locks):
            return False
        return stamp.get("python") == self._python_version()

    def prepare(self, install: Install, say: Say) -> None:
        """Make the environment current. Two starts at once take turns, and the second finds it done.

        `install(python, locks, lock_descriptor)` does the work. Raises what it raises, and CannotStart when
        the folder holds something else.
        """
        with _turn(self.folder.with_name(f"{self.folder.name}.lock"), say) as descriptor:
            if self.is_current():
                return
            if not self._can_be_kept():
                self._remove()
            self.folder.mkdir(exist_ok=True)
            unfinished = self.folder / UNFINISHED
            unfinished.touch()
            if not self.python.exists():
                _create(self.folder)
            install(self.python, self.locks, descriptor)
            self._write_stamp()
            unfinished.unlink()

    def is_entered(self) -> bool:
        """Whether this process runs in the environment."""
        return Path(sys.prefix).resolve() == self.folder.resolve()

    def enter(self, program: Path, argv: Sequence[str]) -> NoReturn:
        """Become the same program in the environment; the process number stays."""
        if ENTERED in os.environ:
            raise CannotStart(
                f"{self.python} does not enter its environment; remove {self.folder} and start again."
            )
        # Both would mix other packages into the environment.
        kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONHOME", "PYTHONPATH"}}
        os.execve(self.python, [str(self.python), str(program), *argv], kept | {ENTERED: "1"})  # noqa: S606

    def _stamp(self) -> dict[str, object]:
        try:
            stamp = json.loads((self.folder / STAMP).read_text())
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    def _write_stamp(self) -> None:
        earlier = self._stamp().get("locks")
        installed = (earlier if isinstance(earlier, dict) else {}) | {
            lock.name: _sha256(lock) for lock in self.locks
        }
        draft = self.folder / f"{STAMP}.new"
        draft.write_text(json.dumps({"python": self._python_version(), "locks": installed}))
        draft.replace(self.folder / STAMP)

    def _python_version(self) -> str | None:
        """Return what the interpreter says it is; None when it is gone or broken, as after an upgrade."""
        command = [str(self.python), "-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        try:
            asked = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own
        except (OSError, subprocess.CalledProcessError):
            return None
        return asked.stdout.strip()

    def _can_be_kept(self) -> bool:
        """Whether packages may be added: the folder is sound, though perhaps made by someone else."""
        version = self._python_version()
        known = self._stamp().get("python", version)
        return version is not None and version == known and not (self.folder / UNFINISHED).exists()

    def _remove(self) -> None:
        if not self.folder.exists() and not self.folder.is_symlink():
            return
        ours = ("pyvenv.cfg", UNFINISHED)
        if self.folder.is_symlink() or not any((self.folder / name).exists() for name in ours):
            raise CannotStart(f"{self.folder} is not a Python environment; move it away and start again.")
        shutil.rmtree(self.folder)


def _create(folder: Path) -> None:
    base = getattr(sys, "_base_executable", None) or sys.executable  # not the one inside an environment
    command = [base, "-m", "venv", "--without-pip", str(folder)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if made.returncode != 0:
        raise CannotStart(
            f"{base} cannot make an environment in {folder}.\n{made.stdout}{made.stderr}".rstrip()
        )


@contextlib.contextmanager
def _turn(path: Path, say: Say) -> Iterator[int]:
    """Hold the lock file `path`; the kernel gives it free however the process ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another start is preparing the environment; waiting for it.")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _sha256(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()
