"""The benchmarks and evaluations that exist: the modules of a folder that have a `main`."""

from pathlib import Path

from app.modes.arguments import Command

FOLDERS = {"bench": "bench", "evaluate": "evaluation"}


def package(command: Command) -> str:
    """Return the package that holds what `--mode bench` or `--mode evaluate` runs."""
    return FOLDERS[command.mode]


def existing(folder: Path) -> list[str]:
    """Return the names in `folder` that can be run, sorted."""
    return sorted(path.stem for path in folder.glob("[!_]*.py") if "def main(" in path.read_text())


def problem(backend: Path, command: Command) -> str | None:
    """Say why the name given to a bench or evaluate mode cannot be run; None when it can."""
    names = existing(backend / package(command))
    if command.more and command.more[0] in names:
        return None
    asked = f"no {command.more[0]}" if command.more else "a name is missing"
    there = ", ".join(names) if names else "nothing yet"
    return f"--mode {command.mode}: {asked}; there is {there}."
