import json
from pathlib import Path

import pytest

from demo.outcome import Outcome, transcript, write_pdf, write_report
from demo.server import LOG_NAME
from demo.workspace import workspace


def turn(index: int, text: str, speaker: str = "learner") -> dict[str, object]:
    return {"index": index, "speaker": speaker, "text": text, "start_ms": index * 10, "end_ms": 5, "part": 1}


def test_the_transcript_is_in_order_and_has_no_empty_turns() -> None:
    lines = transcript([turn(2, "Yes."), turn(0, "Why?", "examiner"), turn(1, "")])
    assert lines == [
        {"speaker": "examiner", "text": "Why?", "start_ms": 0, "end_ms": 5},
        {"speaker": "learner", "text": "Yes.", "start_ms": 20, "end_ms": 5},
    ]


def test_the_object_has_what_the_command_promises() -> None:
    assert {"transcript", "summary", "analysis", "timings", "pdf_path"} <= Outcome.__required_keys__


def test_the_report_is_the_analysis(tmp_path: Path) -> None:
    path = write_report(tmp_path, "s1", {"status": "done", "quote": "o‘zbek"})
    assert path == tmp_path / "reports" / "s1.json"
    assert json.loads(path.read_text(encoding="utf-8")) == {"status": "done", "quote": "o‘zbek"}


def test_the_pdf_lies_beside_it(tmp_path: Path) -> None:
    path = write_pdf(tmp_path, "s1", b"%PDF")
    assert path == tmp_path / "reports" / "s1.pdf"
    assert path.read_bytes() == b"%PDF"


def test_of_a_temporary_folder_only_the_reports_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with workspace(None) as folder:
        (folder / "postgres").mkdir()
        (folder / LOG_NAME).write_text("log")
        report = write_report(folder, "s1", {})
    assert [str(p.relative_to(folder)) for p in sorted(folder.rglob("*"))] == ["reports", "reports/s1.json"]
    assert report.exists()


def test_without_a_report_nothing_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with workspace(None) as folder:
        (folder / LOG_NAME).write_text("log")
    assert list(tmp_path.iterdir()) == []


def test_after_an_error_the_servers_log_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def fail() -> None:
        with workspace(None) as folder:
            (folder / LOG_NAME).write_text("log")
            raise ValueError("the exam broke")

    with pytest.raises(ValueError, match="the exam broke"):
        fail()
    assert [p.name for p in tmp_path.rglob("*.log")] == [LOG_NAME]


def test_a_folder_that_was_asked_for_is_left_as_it_is(tmp_path: Path) -> None:
    with workspace(tmp_path / "mine") as folder:
        (folder / "postgres").mkdir()
    assert (tmp_path / "mine" / "postgres").is_dir()
