"""Transcripts against what was said, and the command over the product's recogniser."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.adapters.local_speech import SpeechModels
from app.services.speech import Word
from evaluation.stt import main
from evaluation.transcripts import compare, figures, plain_words
from tests.adapters.local_speech.aloud import say


def heard(text: str, *probabilities: float) -> list[Word]:
    words = text.split()
    return [
        Word(word, 0, 1, probability)
        for word, probability in zip(words, probabilities or [0.9] * len(words), strict=True)
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It's five o'clock.", ["it's", "five", "o'clock"]),
        ("In 1995, 42 of 7", ["in", "one", "nine", "nine", "five", "forty", "two", "of", "seven"]),
        ("007 10 20", ["zero", "zero", "seven", "ten", "twenty"]),
        ("Well—yes", ["well", "yes"]),
        ("...", []),
    ],
)
def test_words_are_compared_as_spoken(text: str, words: list[str]) -> None:
    assert plain_words(text) == words


def test_errors_fillers_and_confidence() -> None:
    one = compare("um I like the red car", heard("uh I like a red car", 0.6, 0.9, 0.9, 0.3, 0.9, 0.9))
    two = compare("we go home", heard("we home", 0.9, 0.4))
    found = figures([one, two])
    assert found["wer"] == pytest.approx(3 / 9, abs=1e-4)
    assert found["wer_mean"] == pytest.approx((2 / 6 + 1 / 3) / 2, abs=1e-4)
    assert found["fillers_kept"] == 1.0
    low, high = found["wer_ci"]
    assert low <= found["wer"] <= high
    right, wrong = [0.9] * 5 + [0.4], [0.6, 0.3]
    assert found["confidence_auc"] == pytest.approx(
        sum(r > w for r in right for w in wrong) / (len(right) * len(wrong)), abs=1e-4
    )


def test_nothing_said_supports_nothing() -> None:
    found = figures([compare("", [])])
    assert [found[name] for name in ("wer", "wer_ci", "fillers_kept", "confidence_auc")] == [None] * 4


@pytest.mark.parametrize(
    ("row", "said"),
    [("{}", "{wav, text}"), ("", "no rows"), ('{"wav": "none.wav", "text": "a"}', "none.wav")],
)
def test_what_cannot_be_read_is_said(
    row: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = tmp_path / "rows.jsonl"
    manifest.write_text(row)
    assert main(["--data", str(manifest)]) == 2
    assert said in capsys.readouterr().err


def test_the_command_hears_with_the_product(
    tmp_path: Path, speech_models: SpeechModels, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "The weather was cold at night, however the view in the morning was beautiful."
    pcm = np.frombuffer(say(speech_models, text, pause_ms=300), "<i2")
    soundfile.write(tmp_path / "one.wav", pcm, 16_000)
    soundfile.write(tmp_path / "other.wav", np.repeat(pcm, 3)[:, None].repeat(2, axis=1), 48_000)
    manifest = tmp_path / "rows.jsonl"
    rows = [{"wav": name, "text": text} for name in ("one.wav", "other.wav")]
    manifest.write_text("\n".join(map(json.dumps, rows)))
    assert main(["--data", str(manifest), "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (found["n"], found["words"]) == (2, 28)
    assert found["wer"] <= 0.15
    assert found["cpu_rtf"] > 0
