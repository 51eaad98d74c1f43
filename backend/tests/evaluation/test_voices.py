"""The figures of `--mode evaluate voices`, the fit, and the command over the product's own ears."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from app.adapters.local_speech import SpeechModels
from app.services.pronunciation_engine.learned import Floats
from app.services.pronunciation_engine.learned.speakers import APART, CHILDLIKE, Speakers
from evaluation.speaker_fitting import Voice, fit_speakers, spread_over_folds
from evaluation.voice_figures import Judged, figures, judge_answers
from evaluation.voices import main
from tests.adapters.local_speech.aloud import SENTENCES, say

STATES = 64


def made_up(number: int, *, child: bool, rng: np.random.Generator) -> Voice:
    """A speaker whose frames lie around a place of their own, a child's on the other side of one axis."""
    place = rng.standard_normal(STATES)
    place[0] = 2.0 if child else -2.0

    def recording(shift: float = 0.0) -> Floats:
        frames: Floats = (place + shift + rng.standard_normal((90, STATES))).astype(np.float16)
        return frames

    own = [recording() for _ in range(20)]
    return Voice(child, "fm"[number % 2], own, (0, [recording(0.1 * at) for at in (1, 2, 3)]))


@pytest.fixture(scope="module")
def voices() -> dict[str, Voice]:
    rng = np.random.default_rng(0)
    return {str(n): made_up(n, child=n >= 30, rng=rng) for n in range(60)}


def test_voices_that_were_not_fitted_are_told_apart(voices: dict[str, Voice]) -> None:
    fold = spread_over_folds(voices, 3)
    assert sorted(fold) == sorted(voices)
    assert [sum(fold[str(n)] == f for n in range(30)) for f in range(3)] == [10, 10, 10]
    speakers = Speakers(fit_speakers([voice for name, voice in voices.items() if fold[name]]))
    left = [voice for name, voice in voices.items() if not fold[name]]
    found = figures(judge_answers(left, speakers, seed=0))
    assert all(share["share"] == 0 for share in found["one_voice_taken_for_two"].values())
    two = found["two_adult_voices_found"]
    assert all(two[f"{gender}_gender_half_20"]["share"] > 0.9 for gender in ("same", "other")), two
    assert found["children"]["auc"] == 1
    assert found["children"]["found"]["share"] == 1
    assert found["children"]["women_taken_for_children"]["share"] == 0


def test_each_answer_counts_where_it_belongs() -> None:
    plain = Judged("one", 8, False, True, True, 0.1, -1.0)
    answers = [
        plain,
        replace(plain, apart=APART + 0.1),
        replace(plain, woman=False, childlike=CHILDLIKE + 0.1),
        replace(plain, child=True, childlike=None),
        replace(plain, child=True, childlike=1.0),
        replace(plain, kind="noise", apart=APART + 0.1),
        replace(plain, kind="half", apart=APART + 0.1),
        replace(plain, kind="half", same_gender=False),
        replace(plain, kind="half", child=True),
    ]
    found = figures(answers)
    assert found["one_voice_taken_for_two"]["adults"] == {"n": 3, "share": round(1 / 3, 4)}
    assert found["one_voice_taken_for_two"]["noise"] == {"n": 1, "share": 1.0}
    assert found["one_voice_taken_for_two"]["telephone"] == {"n": 0, "share": None}
    assert found["two_adult_voices_found"]["same_gender_half_8"] == {"n": 1, "share": 1.0}
    assert found["two_adult_voices_found"]["other_gender_half_8"] == {"n": 1, "share": 0.0}
    assert found["children"]["men_taken_for_children"] == {"n": 1, "share": 1.0}
    assert found["children"]["women_taken_for_children"] == {"n": 2, "share": 0.0}
    assert found["children"]["found"] == {"n": 1, "share": 1.0}
    assert found["children"]["auc"] == 1.0
    assert figures([])["children"]["auc"] is None


def corpus(root: Path, speakers: Sequence[Sequence[bytes]]) -> Path:
    """Write recordings by speaker, and labels for them. Return the labels."""
    lines = []
    for speaker, recordings in enumerate(speakers):
        for number, pcm in enumerate(recordings):
            wav = f"{speaker}-{number}.wav"
            soundfile.write(root / wav, np.frombuffer(pcm, "<i2"), 16_000)
            utterance = dict.fromkeys(("accuracy", "fluency", "prosodic", "total"), 8)
            who = {"speaker": str(speaker), "age": 30, "gender": "f"}
            lines.append({"id": wav, "wav": wav, "text": "", "utt": utterance, "words": [], **who})
    labels = root / "labels.jsonl"
    labels.write_text("\n".join(map(json.dumps, lines)))
    return labels


def test_the_command_hears_with_the_product(
    tmp_path: Path, speech_models: SpeechModels, capsys: pytest.CaptureFixture[str]
) -> None:
    spoken = [say(speech_models, text) for text in SENTENCES[:8]]
    sizes = (1.0, 0.92, 0.86, 0.8)
    resized = [
        [soxr.resample(np.frombuffer(pcm, "<i2"), size, 1).astype("<i2").tobytes() for pcm in spoken]
        for size in sizes
    ]
    labels = corpus(tmp_path, resized)
    assert main(["--data", str(tmp_path), "--labels", str(labels), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["one_voice_taken_for_two"]["adults"] == {"n": 4, "share": 0.0}
    assert found["two_adult_voices_found"]["same_gender_half_8"]["n"] == 6


def test_too_few_speakers_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labels = corpus(tmp_path, [[b"\0\0" * 16_000]] * 5)
    assert main(["--data", str(tmp_path), "--labels", str(labels)]) == 2
    assert "0 speakers with 8 recordings" in capsys.readouterr().err


def test_weights_are_fitted_on_the_training_split_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--data", str(tmp_path), "--split", "test", "--train", str(tmp_path / "w.npz")])
    assert "train only" in capsys.readouterr().err
