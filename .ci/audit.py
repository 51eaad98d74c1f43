"""Known vulnerabilities of everything that the locks name.

Fails for one that is known. Where the index tells nothing of vulnerabilities the check was not done, and that
is what it says: a network that lacks something is no defect of ours.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

BACKEND = Path(__file__).resolve().parents[1] / "backend"
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-installer.txt")
KNOWN_HARMLESS: Mapping[str, str] = {}
"""Ids of vulnerabilities that do not concern us, each with the reason."""

Report = Mapping[str, Any]


def verdict(report: Report) -> tuple[bool, list[str]]:
    """Return whether nothing bad is known, and the lines that say what was found."""
    packages: Sequence[Report] = report["dependencies"]
    skipped = [each["name"] for each in packages if "skip_reason" in each]
    if len(skipped) == len(packages):
        return True, [f"NOT DONE: the index tells nothing of vulnerabilities ({len(packages)} packages)."]
    found = [
        f"{each['name']} {each['version']}: {bug['id']}, mended in {bug['fix_versions'] or 'no version'}"
        for each in packages
        for bug in each.get("vulns", ())
        if bug["id"] not in KNOWN_HARMLESS
    ]
    lines = found or [f"No known vulnerability in {len(packages) - len(skipped)} packages."]
    if skipped:
        lines.append(f"NOT DONE for {', '.join(skipped)}: the index does not have them.")
    return not found, lines


def audited(locks: Sequence[Path]) -> Report:
    """Ask the index. Raises OSError, and ValueError when it cannot be asked."""
    command = [sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", "--format", "json"]
    command += ["--progress-spinner", "off", *(part for lock in locks for part in ("-r", str(lock)))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    report: Report = json.loads(done.stdout)
    return report


def first_of(lock: Path) -> str:
    """Return the first package of a lock with its hashes: one question shows whether more make sense."""
    lines = lock.read_text().splitlines(keepends=True)
    begins = [number for number, line in enumerate(lines) if "==" in line and not line.startswith((" ", "#"))]
    return "".join(line for line in lines[begins[0] : begins[1]] if not line.lstrip().startswith("#"))


def main() -> int:
    """Audit the locks; return the exit status."""
    locks = [BACKEND / name for name in LOCKS]
    with tempfile.TemporaryDirectory() as folder:
        sample = Path(folder) / "sample.txt"
        sample.write_text(first_of(locks[0]))
        try:
            report = audited([sample])
            if "skip_reason" not in report["dependencies"][0]:
                report = audited(locks)
        except (OSError, ValueError):
            print("NOT DONE: the index cannot be asked.")  # noqa: T201 - a script
            return 0
    good, lines = verdict(report)
    print("\n".join(lines))  # noqa: T201
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
