"""The same speech over other channels: the same bands when it is the same, close ones when it is not."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.adapters.local_speech import SpeechModels
from evaluation.stability import main, report
from tests.adapters.local_speech.aloud import SENTENCES, say


def row(**bands: list[float | None]) -> dict[str, object]:
    names = ("recorded", "again", "8_khz", "noisy_room")
    return {
        "id": "a",
        "bands": {name: {c: found[n] for c, found in bands.items()} for n, name in enumerate(names)},
        "ratings": dict.fromkeys(names),
    }


def test_the_spread_is_over_the_different_channels() -> None:
    found = report(
        [row(overall=[6, 6, 6.5, 5.5], grammar=[5, 5, 5, 5]), row(overall=[6] * 4, grammar=[5] * 4)]
    )
    assert (found["n"], found["identical_again"]) == (2, True)
    assert found["sd"] == {"overall": pytest.approx(0.2887, abs=1e-4), "grammar": 0.0}
    assert found["largest"]["overall"] == pytest.approx(0.4082, abs=1e-4)


def test_another_result_for_the_same_sound_is_told() -> None:
    assert not report([row(overall=[6, 5.5, 6, 6])])["identical_again"]


def test_what_a_channel_does_to_the_learned_scores_is_told() -> None:
    rated = {"recorded": 80.0, "again": 80.0, "8_khz": 76.0, "noisy_room": 81.0}
    ratings = {name: {"accuracy_score": score, "fluency_score": 70.0} for name, score in rated.items()}
    found = report([row(overall=[6] * 4) | {"ratings": ratings}, row(overall=[6] * 4)])
    assert found["ratings_moved"] == {"8_khz": 2.0, "noisy_room": 0.5}
    assert found["identical_again"]


def test_without_a_band_there_is_no_spread() -> None:
    found = report([row(overall=[6, 6, None, 6])])
    assert (found["sd"], found["largest"]) == ({"overall": None}, {"overall": None})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{}", "answers"),
        ("", "no rows"),
        ('{"answers": []}', "answers"),
        ('{"answers": ["none.wav"]}', "none.wav"),
    ],
)
def test_what_cannot_be_read_is_said(
    line: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "rows.jsonl"
    data.write_text(line)
    assert main(["--data", str(data)]) == 2
    assert said in capsys.readouterr().err


def test_the_command_hears_every_channel_with_the_product(
    tmp_path: Path, speech_models: SpeechModels, capsys: pytest.CaptureFixture[str]
) -> None:
    pcm = np.frombuffer(say(speech_models, SENTENCES[0], pause_ms=500), "<i2")
    soundfile.write(tmp_path / "answer.wav", pcm, 16_000)
    data = tmp_path / "rows.jsonl"
    data.write_text(json.dumps({"id": "voice", "answers": ["answer.wav"]}))
    assert main(["--data", str(data), "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (found["n"], found["identical_again"]) == (1, True)
    assert list(found["rows"][0]["bands"]) == ["recorded", "again", "8_khz", "noisy_room"]
    assert found["sd"]["estimate"] is None, "one sentence is no sample"
    assert found["rows"][0]["ratings"]["recorded"] is not None
    assert 0 <= found["ratings_moved"]["8_khz"] <= 20
