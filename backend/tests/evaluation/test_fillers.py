"""The evaluation holds the product's own analysis against a person's marks."""

import json
from pathlib import Path

import pytest

from evaluation.fillers import main

ROWS = [
    {"id": 1, "words": ["Urr,", "I", "like", "um", "music"], "fillers": [0, 3]},
    {"id": 2, "words": ["well", "I", "um", "know"], "fillers": [0]},
]


def test_marked_turns_are_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "turns.jsonl"
    file.write_text("\n".join(map(json.dumps, ROWS)) + "\n\n")
    assert main(["--data", str(file), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["n"], report["gold"], report["found"]) == (2, 3, 3)
    assert (report["precision"], report["recall"]) == (0.6667, 0.6667)
    assert (report["missed"], report["wrong"]) == ({"well": 1}, {"um": 1})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[]", "no JSON object"),
        ('{"id": 1, "words": "um", "fillers": []}', "`words`"),
        ('{"id": 1, "words": ["um"], "fillers": [1]}', "`fillers`"),
        ('{"id": 1, "words": ["um"], "fillers": [true]}', "`fillers`"),
        (None, "No such file"),
    ],
)
def test_what_cannot_be_read_is_said(
    content: str | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "input"
    if content is not None:
        file.write_text(content)
    assert main(["--data", str(file)]) == 2
    assert said in capsys.readouterr().err
