"""Transcripts are scored as the product scores a session without sound."""

import json
from pathlib import Path
from typing import Any

import pytest

from evaluation.scorer import main
from tests.fakes.learners import LEVELS, learner

SPEAKERS = json.loads(Path(__file__).with_name("speakers.json").read_text())
BEGINNER, ADVANCED = SPEAKERS["beginner"], SPEAKERS["advanced"]


def evaluate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: list[dict[str, Any]]
) -> dict[str, Any]:
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows))
    assert main(["--data", str(file), "--json"]) == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def test_transcripts_get_bands_and_agreement(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = evaluate(
        tmp_path,
        capsys,
        [
            {"id": "low", "turns": [{"text": t} for t in BEGINNER], "reference": 3},
            {"id": "high", "turns": [{"text": t} for t in ADVANCED], "reference": 7.5},
            {"id": "unknown", "text": " ".join(ADVANCED)},
            {"id": "nothing", "turns": []},
        ],
    )
    low, high, unknown, nothing = report["rows"]
    assert (report["n"], report["spearman"], report["without_band"]) == (2, 1.0, 1)
    assert report["qwk"] is not None
    assert report["rmse"] is not None
    assert low["overall"] + 2 <= high["overall"]
    assert low["band_low"] <= low["overall"] <= low["band_high"]
    assert high["criteria"]["pronunciation"] == {"band": None, "interval": None, "reason": "no_audio"}
    assert low["expected"] + 2 <= high["expected"]
    assert unknown["overall"] is not None
    assert nothing["overall"] is nothing["expected"] is None


def test_two_hundred_words_rank_speakers_as_the_whole_test_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = {level: [turn.speech.text for turn in learner(level)] for level in LEVELS}
    rows = [
        {"id": f"{level} {length}", "turns": [{"text": text} for text in _first(length, texts)]}
        for level, texts in whole.items()
        for length in (200, 1_000)
    ]
    found = [row["expected"] for row in evaluate(tmp_path, capsys, rows)["rows"]]
    beginnings, wholes = found[::2], found[1::2]
    assert beginnings == sorted(beginnings)
    assert wholes == sorted(wholes)
    assert all(abs(a - b) < 0.5 for a, b in zip(beginnings, wholes, strict=True))
    assert wholes[0] + 2 < wholes[-1]


def _first(words: int, texts: list[str]) -> list[str]:
    """The first so many words of answers, answer by answer."""
    kept: list[str] = []
    for text in texts:
        said = text.split()[: words - sum(len(k.split()) for k in kept)]
        if said:
            kept.append(" ".join(said))
    return kept


def test_times_tell_how_fast_someone_spoke(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def spoken(rate_wpm: int) -> dict[str, Any]:
        turns, now = [], 0
        for text in ADVANCED:
            length = len(text.split()) * 60_000 // rate_wpm
            turns.append({"text": text, "start_ms": now, "end_ms": now + length})
            now += length + 3_000
        return {"id": rate_wpm, "turns": turns}

    slow, quick = evaluate(tmp_path, capsys, [spoken(40), spoken(100)])["rows"]
    assert slow["criteria"]["fluency_coherence"]["band"] < quick["criteria"]["fluency_coherence"]["band"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "line 1"),
        ("[]", "no JSON object"),
        ('{"turns": {}}', "`turns` is no list"),
        ('{"id": 1}', "turn 0 has no `text`"),
        ('{"turns": [{"text": 5}]}', "turn 0 has no `text`"),
        ('{"turns": [{"text": "a", "start_ms": 5, "end_ms": 1}]}', "ends before it starts"),
        ('{"text": "a", "reference": "B1"}', "`reference` is no number"),
        (None, "No such file"),
    ],
)
def test_what_cannot_be_read_is_said(
    content: str | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rows.jsonl"
    if content is not None:
        file.write_text(content)
    assert main(["--data", str(file)]) == 2
    assert said in capsys.readouterr().err
