"""The cost of a long answer, by the product's own path."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.adapters.local_speech import SpeechModels
from app.config import Settings
from evaluation.long_answer import cost, joined
from evaluation.rated_speech import Rated
from tests.adapters.local_speech.aloud import SENTENCES, say

NOTHING = np.zeros(0)


def recorded(path: Path, pcm: bytes) -> Rated:
    soundfile.write(path, np.frombuffer(pcm, "<i2"), 16_000)
    return Rated("1", path, "s", False, "f", [], NOTHING, NOTHING, NOTHING)


def test_recordings_are_joined_to_one_answer(tmp_path: Path) -> None:
    row = recorded(tmp_path / "a.wav", b"\x01\x00" * 16_000)
    answer = joined([row] * 3, 2.0)
    assert answer is not None
    assert len(answer) == 64_000
    assert answer[32_000 : 32_000 + 11_200] == bytes(11_200)  # the pause
    assert joined([row] * 3, 60.0) is None


async def test_recognising_and_scoring_are_timed_apart(tmp_path: Path, speech_models: SpeechModels) -> None:
    pcm = say(speech_models, *SENTENCES[:3])
    found = await cost(pcm, Settings(data_dir=tmp_path))
    assert found["sound_s"] == pytest.approx(len(pcm) / 32_000, abs=0.1)
    spent = found["recognised"]["cpu_s"] + found["scored"]["cpu_s"]
    assert min(found["recognised"]["cpu_s"], found["scored"]["cpu_s"]) > 0
    assert found["cpu_rtf"] == pytest.approx(spent / found["sound_s"], rel=0.02)
