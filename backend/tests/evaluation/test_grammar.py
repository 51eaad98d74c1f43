"""The evaluation runs the product's own analysis on files."""

import json
from pathlib import Path

import pytest

from evaluation.grammar import WORDS_OF_A_TALK, main, talks

M2 = """\
S She do n't like informations , you know ?
A 1 2|||R:VERB:SVA|||does|||REQUIRED|||-NONE-|||0
A 4 5|||R:NOUN:NUM|||information|||REQUIRED|||-NONE-|||0
A 5 6|||U:PUNCT||||||REQUIRED|||-NONE-|||0

S I like it .
A 3 4|||R:PUNCT|||!|||REQUIRED|||-NONE-|||0
"""


def test_annotated_text_is_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "learner.m2"
    file.write_text(M2)
    assert main(["--data", str(file), "--json", "--unmarked"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["condition"].startswith("speech:")
    assert (report["n"], report["gold"], report["flags"]) == (2, 2, 2)
    assert (report["p_exact"], report["p_det"], report["r_exact"], report["f05"]) == (1.0, 1.0, 1.0, 1.0)
    assert report["unmarked"] == []


def test_correct_text_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps({"id": 7, "text": "I like it. She don't."}) + "\n\n")
    assert main(["--text", str(file), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["words"], report["flags"], report["flags_per_1000_words"]) == (5, 1, 200.0)
    assert report["findings"][0]["quote"] == "She don't"
    assert report["findings"][0]["id"] == "7"


def test_rows_are_read_as_talks_of_the_length_of_an_exam() -> None:
    rows = [(str(number), "word " * 300) for number in range(10)]
    found = list(talks(rows))
    assert [row for talk in found for row in talk] == rows
    lengths = [sum(len(text.split()) for _, text in talk) for talk in found]
    assert lengths == [1200, 1200, 600]
    assert all(WORDS_OF_A_TALK <= length < WORDS_OF_A_TALK + 300 for length in lengths[:-1])
    assert list(talks([])) == []


@pytest.mark.parametrize(
    ("option", "content", "said"),
    [
        ("--data", "nonsense", "line 1 begins"),
        ("--text", '{"id": 1}', "line 1"),
        ("--text", "{", "is no JSON"),
        ("--data", None, "No such file"),
    ],
)
def test_what_cannot_be_read_is_said(
    option: str, content: str | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "input"
    if content is not None:
        file.write_text(content)
    assert main([option, str(file)]) == 2
    assert said in capsys.readouterr().err


def test_fitting_says_what_it_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--train", str(tmp_path / "none.txt")])
    assert "--encoder and --out" in capsys.readouterr().err
    asked = ["--train", str(tmp_path / "none.txt"), "--encoder", str(tmp_path), "--out", str(tmp_path)]
    assert main(asked) == 2
    assert "No such file" in capsys.readouterr().err
