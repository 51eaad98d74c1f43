import os
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from threading import Barrier

import pytest

from app.secret_file import read_or_create


def test_first_value_stays(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "secret"
    assert read_or_create(path, lambda: "first") == "first"
    assert read_or_create(path, lambda: "second") == "first"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_everyone_who_makes_it_at_once_gets_the_same(tmp_path: Path) -> None:
    together = Barrier(8)
    numbers = count()

    def make() -> str:
        together.wait()  # all eight have found no file
        return str(next(numbers))

    with ThreadPoolExecutor(8) as pool:
        secrets = list(pool.map(lambda _: read_or_create(tmp_path / "secret", make), range(8)))
    assert len(set(secrets)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_file_system_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: str, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    assert read_or_create(tmp_path / "secret", lambda: "value") == "value"
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_failure_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> str:
        raise KeyError

    with pytest.raises(KeyError):
        read_or_create(tmp_path / "secret", fail)
    assert list(tmp_path.iterdir()) == []
