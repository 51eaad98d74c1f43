"""The phone model in numpy against the engine that the package brings."""

from importlib.resources import files

import numpy as np
import pytest
from hama import ASRModel

from app.adapters.local_speech import SpeechModels
from app.adapters.local_speech.hama_conformer import Conformer
from app.adapters.local_speech.hama_package import UnknownPackageFormat, read_weights
from app.services.speech import SAMPLE_RATE
from tests.adapters.local_speech.aloud import SENTENCES, Samples, say


@pytest.fixture(scope="module")
def packed() -> bytes:
    return (files("hama.assets") / "asr_waveform.hama").read_bytes()


@pytest.fixture(scope="module")
def conformer(packed: bytes) -> Conformer:
    return Conformer(read_weights(packed))


@pytest.fixture(scope="module")
def speech(speech_models: SpeechModels) -> Samples:
    said = np.frombuffer(say(speech_models, *SENTENCES[:4]), "<i2")
    return said.astype(np.float32) / 32_768


@pytest.mark.parametrize("samples", [SAMPLE_RATE // 10, 25_601, 12 * SAMPLE_RATE])
def test_the_packages_own_engine_says_the_same(conformer: Conformer, speech: Samples, samples: int) -> None:
    given = np.ascontiguousarray(speech[5_000 : 5_000 + samples])
    feeds = {"waveform": given[None], "waveform_lengths": np.array([len(given)])}
    theirs, lengths = ASRModel().session.run(["log_probs", "out_lengths"], feeds)
    ours = conformer.log_probs(given)
    assert ours.shape == (int(lengths[0]), 191)
    assert np.abs(ours - theirs[0]).max() < 0.02
    assert (ours.argmax(axis=1) == theirs[0].argmax(axis=1)).all()


def test_probabilities_add_up_to_one(conformer: Conformer) -> None:
    silence = conformer.log_probs(np.zeros(SAMPLE_RATE, np.float32))
    assert np.exp(silence).sum(axis=1) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("damage", ["another kind", "cut short", "empty"])
def test_weights_in_another_layout_are_refused(packed: bytes, damage: str) -> None:
    damaged = {"another kind": b"HAMAPK\x02" + packed[7:], "cut short": packed[:9_000], "empty": b""}[damage]
    with pytest.raises(UnknownPackageFormat, match="phone model's weights"):
        read_weights(damaged)
