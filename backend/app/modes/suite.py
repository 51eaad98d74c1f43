"""--mode test: pytest over the whole suite, or over what is asked for."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from app.config import REPOSITORY
from app.modes.arguments import Command


def run(command: Command) -> int:
    """Run pytest in the repository's folder; its exit status is ours.

    With --json pytest speaks on standard error, and its counts follow on standard output.
    """
    pytest = [sys.executable, "-m", "pytest", *command.more]
    if not command.json:
        os.chdir(REPOSITORY)
        os.execv(sys.executable, pytest)  # noqa: S606 - so that pytest gets our signals itself
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        pytest.append(f"--junit-xml={report}")
        status = subprocess.run(pytest, cwd=REPOSITORY, stdout=sys.stderr, check=False).returncode  # noqa: S603
        result: dict[str, object] = {"mode": "test", "exit_status": status, **_counts(report)}
    sys.stdout.write(json.dumps(result) + "\n")
    return status


def _counts(report: Path) -> dict[str, int | float]:
    """Read pytest's own report; {} when it did not get that far."""
    if not report.exists():
        return {}
    suite = ElementTree.parse(report).getroot().find("testsuite")  # noqa: S314 - pytest has just written it
    if suite is None:
        return {}
    counts = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
    return counts | {"seconds": float(suite.get("time", "0"))}
