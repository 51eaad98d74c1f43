import json
from pathlib import Path

import pytest

from app.config import Settings
from app.modes.notice import Notice

WARNING = "sign in as anyone"


def notice(tmp_path: Path, *, as_json: bool = False, **changes: object) -> Notice:
    settings = Settings.model_validate({"data_dir": tmp_path, **changes})
    return Notice(settings, "http://127.0.0.1:8000", as_json)


def test_person_is_told_where_and_how_to_stop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notice(tmp_path).give()
    said = capsys.readouterr()
    assert said.out == ""
    assert all(words in said.err for words in ("http://127.0.0.1:8000/", "/docs", str(tmp_path), "Ctrl-C"))
    assert WARNING not in said.err


def test_program_gets_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notice(tmp_path, as_json=True).give()
    assert json.loads(capsys.readouterr().out) == {
        "mode": "dev",
        "url": "http://127.0.0.1:8000",
        "data_dir": str(tmp_path),
    }


@pytest.mark.parametrize(
    ("changes", "warned"),
    [
        ({"host": "0.0.0.0"}, True),
        ({"host": "::"}, True),
        ({"host": "laptop.local"}, True),
        ({"host": "localhost"}, False),
        ({"host": "::1"}, False),
        ({"host": "0.0.0.0", "supabase_jwt_secret": "s" * 32}, False),
    ],
)
def test_open_development_server_warns(tmp_path: Path, changes: dict[str, object], warned: bool) -> None:
    assert (WARNING in "\n".join(notice(tmp_path, **changes).lines())) is warned
