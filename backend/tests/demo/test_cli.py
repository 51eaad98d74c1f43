"""The command line as a user sees it when it goes wrong before anything starts."""

from pathlib import Path

import pytest

from demo.cli import main


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_a_file_that_is_not_audio_starts_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: list[str]
) -> None:
    path = tmp_path / "notes.wav"
    path.write_text("These are my notes.")
    data = tmp_path / "data"
    assert main(["--audio", str(path), "--data-dir", str(data), *as_json]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "notes.wav: not a recording" in err
    assert not data.exists()


def test_a_data_folder_that_cannot_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["--data-dir", str(tmp_path / "file" / "data"), "--json"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "file" in err
