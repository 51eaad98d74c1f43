"""The audit fails for what is known, and never passes for what it could not look up."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from app.config import REPOSITORY

LOCK = """\
# a comment
one==1.0 \\
    --hash=sha256:aa
    # via two
two==2.0 \\
    --hash=sha256:bb
"""


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", REPOSITORY / ".ci/audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def package(name: str, *ids: str) -> dict[str, Any]:
    bugs = [{"id": each, "fix_versions": ["2.0"]} for each in ids]
    return {"name": name, "version": "1.0", "vulns": bugs}


def unknown(name: str) -> dict[str, Any]:
    return {"name": name, "skip_reason": "not found"}


def test_a_known_vulnerability_fails(audit: ModuleType) -> None:
    good, lines = audit.verdict({"dependencies": [package("one"), package("two", "CVE-1")]})
    assert not good
    assert lines == ["two 1.0: CVE-1, mended in ['2.0']"]


def test_one_that_does_not_concern_us_is_named_and_passes(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "KNOWN_HARMLESS", {"CVE-1": "we do not use that part"})
    good, lines = audit.verdict({"dependencies": [package("two", "CVE-1")]})
    assert good
    assert lines == ["No known vulnerability in 1 packages."]


def test_what_could_not_be_looked_up_is_told(audit: ModuleType) -> None:
    good, lines = audit.verdict({"dependencies": [package("one"), unknown("two")]})
    assert good
    assert lines[-1] == "NOT DONE for two: the index does not have them."
    good, lines = audit.verdict({"dependencies": [unknown("one"), unknown("two")]})
    assert good
    assert lines == ["NOT DONE: the index tells nothing of vulnerabilities (2 packages)."]


def test_an_index_that_tells_nothing_is_asked_once(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[int] = []

    def audited(locks: list[Path]) -> dict[str, Any]:
        asked.append(len(locks))
        return {"dependencies": [unknown("one")]}

    monkeypatch.setattr(audit, "audited", audited)
    assert audit.main() == 0
    assert asked == [1]
    assert capsys.readouterr().out.startswith("NOT DONE")


def test_an_index_that_cannot_be_asked_is_told(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def audited(locks: list[Path]) -> dict[str, Any]:
        raise ValueError

    monkeypatch.setattr(audit, "audited", audited)
    assert audit.main() == 0
    assert capsys.readouterr().out == "NOT DONE: the index cannot be asked.\n"


def test_the_sample_is_a_package_with_its_hash(audit: ModuleType, tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(LOCK)
    assert audit.first_of(lock) == "one==1.0 \\\n    --hash=sha256:aa\n"
