import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).resolve().parents[1] / "run.py"


def run(
    *argv: str, cwd: Path, environment: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Start run.py with nothing but the standard library in reach."""
    base = getattr(sys, "_base_executable", sys.executable)
    return subprocess.run(
        [base, "-I", str(RUN), *argv], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def test_help_from_any_folder_without_the_environment(tmp_path: Path) -> None:
    started = run("--help", cwd=tmp_path, environment={"PATH": os.defpath, "HOME": str(tmp_path)})
    assert started.returncode == 0
    assert "--mode MODE" in started.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("argv", [("--mode", "nothing"), ("--bogus",), ("--mode", "evaluate", "nothing")])
def test_command_line_that_is_not_understood(argv: tuple[str, ...], tmp_path: Path) -> None:
    started = run(*argv, cwd=tmp_path)
    assert started.returncode == 2
    assert started.stderr.startswith("run.py: ")
    assert "Traceback" not in started.stderr


def test_old_python_is_told_so_in_one_line() -> None:
    source = RUN.read_text()
    ast.parse(source, feature_version=(3, 4))  # an older Python must get as far as the check
    pretend = "import sys; sys.version_info = (3, 10, 13); exec(open(sys.argv[1]).read())"
    started = subprocess.run(
        [sys.executable, "-c", pretend, str(RUN)], capture_output=True, text=True, check=False
    )
    assert started.returncode == 1
    assert started.stderr == "SpeakMate AI needs Python 3.11 or newer; this is 3.10.\n"
