"""From the command line to the mode that was asked for, by way of the environment."""

import importlib
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from app.memory import share_heaps
from app.modes import names
from app.modes.arguments import NAMED, Command, ModeName, parse
from app.modes.environment import ENTERED, Environment
from app.modes.errors import CannotStart
from app.modes.installers import Installer, InstallError

BACKEND = Path(__file__).resolve().parents[2]
FOLDER = BACKEND.parent / ".venv"
RUNTIME_LOCK = BACKEND / "requirements.txt"
TEST_LOCK = BACKEND / "requirements-dev.txt"
TEST_TOOLS = frozenset[ModeName]({"test", "bench"})
"""Modes that need what tests need; benchmarks run a Redis server."""
UV_LOCK = BACKEND / "requirements-installer.txt"

MODULES: dict[ModeName, str] = {
    "dev": "app.modes.serve",
    "prod": "app.modes.serve",
    "worker": "app.modes.worker",
    "demo": "app.modes.demo",
    "test": "app.modes.suite",
    "bench": "app.modes.named",
    "evaluate": "app.modes.named",
}
INTERRUPTED = 130
TERMINATED = 143


def main(argv: Sequence[str]) -> int:
    """Run the command line `argv` and return its exit status: 0 worked, 1 did not, 2 was not understood."""
    command = parse(argv)
    if command.mode in NAMED and (problem := names.problem(BACKEND, command)):
        say(f"run.py: {problem}")
        return 2
    signal.signal(signal.SIGTERM, _terminate)  # by default nothing that was begun would be ended
    try:
        _enter_environment(command, argv)
        share_heaps()
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # our threads are as many as shall compute
        return int(importlib.import_module(MODULES[command.mode]).run(command))
    except CannotStart as reason:
        say(f"SpeakMate AI does not start. {reason}")
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
        return INTERRUPTED


def _enter_environment(command: Command, argv: Sequence[str]) -> None:
    """Return once this process runs in an environment with what the mode needs."""
    locks = (RUNTIME_LOCK, TEST_LOCK) if command.mode in TEST_TOOLS else (RUNTIME_LOCK,)
    environment = Environment(FOLDER, locks)
    if environment.is_entered() and os.environ.pop(ENTERED, ""):
        return  # the process that entered it has just looked
    if not environment.is_current():
        prepare(environment)
    elif environment.is_entered():
        return
    environment.enter(BACKEND / "run.py", argv)


def prepare(environment: Environment) -> None:
    """Make the environment current, and say so. Raises CannotStart."""

    def install(python: Path, locks: Sequence[Path], descriptor: int) -> None:
        say(f"Preparing the environment in {environment.folder}, once: 1.1 GB.")
        Installer(python, locks, keep_open=descriptor, say=say).install(UV_LOCK)

    started = time.monotonic()
    try:
        environment.prepare(install, say)
    except InstallError as failed:
        raise CannotStart(f"The packages could not be installed:\n{failed}") from None
    except OSError as failed:
        raise CannotStart(f"The environment could not be prepared: {failed}") from None
    say(f"The environment is ready after {time.monotonic() - started:.0f} s.")


def say(line: str) -> None:
    """Tell the person at the terminal, on standard error: standard output is for results."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - before there is anything else to say it with


def _terminate(signum: int, frame: object) -> None:
    raise SystemExit(TERMINATED)
