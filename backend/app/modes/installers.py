"""Putting the locked packages into an environment: with uv, which is quick, else with pip."""

import ast
import os
import re
import shutil
import subprocess
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

Say = Callable[[str], None]

TAIL_LINES = 15
UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}
ADDED_SOURCES = ("extra-index-url", "find-links")
_LOCKED = re.compile(r"^[A-Za-z0-9][^\s=]*==\S+", re.MULTILINE)


class InstallError(Exception):
    """The packages could not be installed; the message holds the installer's own words."""


class Installer:
    """Installs the files `locks` into the environment of `python`.

    The file descriptor `keep_open` (a lock) is inherited by whatever runs, so that an installer whose parent
    was killed still holds it.
    """

    def __init__(self, python: Path, locks: Sequence[Path], *, keep_open: int, say: Say) -> None:
        self._python = str(python)
        self._locks = locks
        self._keep_open = keep_open
        self._say = say

    def install(self, uv_lock: Path) -> None:
        """Install the quickest way that works; `uv_lock` names the uv to fetch where there is none.

        Raises InstallError when no way works.
        """
        uv = shutil.which("uv")
        if uv is not None and self._with_uv(uv, {}):
            return
        self._add_pip()
        attempts = uv_attempts(self._pip_settings())
        if uv is None:
            uv = self._fetch_uv(uv_lock)
        else:
            attempts = [settings for settings in attempts if settings]  # without any it has just failed
        if uv is not None and any(self._with_uv(uv, settings) for settings in attempts):
            return
        self._with_pip()

    def _with_uv(self, uv: str, settings: dict[str, str]) -> bool:
        command = [uv, "pip", "install", "--python", self._python, "--compile-bytecode", *self._what()]
        with self._running(command, output=None, settings=settings) as process:
            worked = process.wait() == 0
        if not worked:
            self._say("uv could not install the packages; trying another way.")
        return worked

    def _with_pip(self) -> None:
        packages = {name for lock in self._locks for name in _LOCKED.findall(lock.read_text())}
        command = [
            self._python,
            "-u",
            "-m",
            "pip",
            "install",
            "--no-input",
            "--progress-bar=off",
            *self._what(),
        ]
        self._follow(command, PipProgress(len(packages), self._say))

    def _add_pip(self) -> None:
        self._say("Adding pip.")
        try:
            self._follow([self._python, "-m", "ensurepip", "--upgrade"])
        except InstallError as missing:
            raise InstallError(
                f"{missing}\nThis Python cannot install packages. Install its venv package "
                "(Debian and Ubuntu: apt install python3-venv) or uv, then start again."
            ) from None

    def _fetch_uv(self, uv_lock: Path) -> str | None:
        self._say("Adding uv.")
        try:
            self._follow(
                [self._python, "-m", "pip", "install", "--no-input", "--require-hashes", "-r", str(uv_lock)]
            )
        except InstallError:
            return None
        return str(Path(self._python).with_name("uv"))

    def _pip_settings(self) -> dict[str, str]:
        lines: list[str] = []
        self._follow([self._python, "-m", "pip", "config", "list"], lines.append)
        return parse_pip_settings(lines)

    def _what(self) -> list[str]:
        files = [argument for lock in self._locks for argument in ("-r", str(lock))]
        return ["--require-hashes", "--no-deps", *files]  # the locks name every package there is to install

    def _follow(self, command: Sequence[str], hear: Callable[[str], None] = lambda line: None) -> None:
        """Run `command` and pass on its output line by line. Raises InstallError with the last lines."""
        last: deque[str] = deque(maxlen=TAIL_LINES)
        with self._running(command, output=subprocess.PIPE, settings={}) as process:
            assert process.stdout is not None
            for line in process.stdout:
                last.append(line.rstrip())
                hear(line.rstrip())
            status = process.wait()
        if status != 0:
            raise InstallError("\n".join(last))

    @contextmanager
    def _running(
        self, command: Sequence[str], *, output: int | None, settings: dict[str, str]
    ) -> Iterator["subprocess.Popen[str]"]:
        """Run `command`; it ends when we are interrupted. Without `output` it speaks on standard error."""
        process = subprocess.Popen(  # noqa: S603 - our own command lines
            command,
            env=_environment() | settings,
            stdin=subprocess.DEVNULL,
            stdout=2 if output is None else output,
            stderr=None if output is None else subprocess.STDOUT,
            pass_fds=(self._keep_open,),
            text=True,
            errors="replace",
        )
        with process:
            try:
                yield process
            except BaseException:
                process.terminate()
                raise


class PipProgress:
    """Turns pip's output into one line a package."""

    def __init__(self, packages: int, say: Say) -> None:
        self._packages = packages
        self._ignored: set[str] = set()
        self._seen = 0
        self._say = say

    def __call__(self, line: str) -> None:
        """Hear one line of pip's."""
        first, _, rest = line.strip().partition(" ")
        match first:
            case "Ignoring":  # not for this platform
                self._ignored.add(rest.split(":")[0])
            case "Collecting":
                self._seen += 1
                total = self._packages - len(self._ignored)
                self._say(f"  [{self._seen}/{total}] {rest.split(' ')[0].replace('==', ' ')}")
            case "Installing":
                self._say("  Unpacking; this takes about half a minute.")
            case _:
                pass


def uv_attempts(pip_settings: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the settings to try uv with, in order: without pip's additional sources, then with them.

    The locks name files of the main index. pip picks the best file among all sources, but uv takes a version
    from the first source that has it, though that holds only a file that cannot work here.
    """
    main = {name: value for name, value in pip_settings.items() if name not in ADDED_SOURCES}
    if "no-index" in main:
        return [uv_settings(pip_settings)]
    first, second = uv_settings(main), uv_settings(pip_settings)
    return [first] if first == second else [first, second]


def uv_settings(pip_settings: Mapping[str, str]) -> dict[str, str]:
    """Translate pip's settings to uv's environment, since uv does not read pip's; {} where there are none.

    With several indexes uv is told to look in all of them: the hashes already say which file is meant.
    """
    settings = {UV_NAMES[name]: value for name, value in pip_settings.items() if name in UV_NAMES}
    if "UV_FIND_LINKS" in settings:
        settings["UV_FIND_LINKS"] = settings["UV_FIND_LINKS"].replace(" ", ",")
    return settings | {"UV_INDEX_STRATEGY": "unsafe-best-match"} if settings else {}


def parse_pip_settings(lines: Sequence[str]) -> dict[str, str]:
    """Read `pip config list`: a line is `section.name='value'`, and the environment (:env:) counts most."""
    settings: dict[str, str] = {}
    for line in sorted(lines, key=lambda line: line.startswith(":env:")):
        key, separator, quoted = line.partition("=")
        section, _, name = key.rpartition(".")
        if separator and section in {"global", "install", ":env:"}:
            settings[name] = " ".join(str(ast.literal_eval(quoted)).split())
    return settings


def _environment() -> dict[str, str]:
    return os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "UV_PYTHON_DOWNLOADS": "never"}
