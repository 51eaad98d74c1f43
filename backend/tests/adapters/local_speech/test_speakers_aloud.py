"""Two voices in an answer, and one, from sound to status with the real models."""

import numpy as np
import pytest
import soxr

from app.adapters.local_speech import SpeechModels
from app.adapters.local_speech.ears import load_ears
from app.services.pronunciation_engine.learned import PronunciationAssessor, load_weights
from evaluation.channels import gain, room_noise, telephone
from tests.adapters.local_speech.aloud import SENTENCES, Samples, as_pcm, say

LARGER = 0.82
"""Read as slowly as that, a voice is deeper in pitch and formants: somebody larger speaks."""


@pytest.fixture(scope="module")
def assessor(speech_models: SpeechModels, tmp_path_factory: pytest.TempPathFactory) -> PronunciationAssessor:
    ears = load_ears(tmp_path_factory.mktemp("ears"), speech_models.whisper, speech_models.activity)
    return PronunciationAssessor(ears, load_weights())


@pytest.fixture(scope="module")
def first(speech_models: SpeechModels) -> list[Samples]:
    """Sentences of one voice."""
    spoken = [say(speech_models, text, pause_ms=300) for text in SENTENCES]
    return [np.frombuffer(pcm, "<i2").astype(np.float32) / 32_768 for pcm in spoken]


@pytest.fixture(scope="module")
def second(first: list[Samples]) -> list[Samples]:
    """The same of another voice."""
    return [np.asarray(soxr.resample(samples, LARGER, 1), np.float32) for samples in first]


def test_one_voice_is_scored_however_loud(assessor: PronunciationAssessor, first: list[Samples]) -> None:
    loud, soft = gain(6), gain(-12)
    changing = [loud(part) if at % 3 == 0 else soft(part) for at, part in enumerate(first[:8])]
    result = assessor.assess_speech(as_pcm(np.concatenate(changing)))
    assert (result.status, result.reason) == ("ok", None)


def test_one_voice_over_a_changing_line_is_one(assessor: PronunciationAssessor, first: list[Samples]) -> None:
    parts = [*first[:4], *map(telephone, first[4:6]), *map(room_noise, first[6:8])]
    result = assessor.assess_speech(as_pcm(np.concatenate(parts)))
    assert (result.status, result.reason) == ("ok", None)


def test_two_voices_in_turns_are_not_scored(
    assessor: PronunciationAssessor, first: list[Samples], second: list[Samples]
) -> None:
    turns = [*first[:3], *second[3:5], *first[5:8], *second[8:]]
    result = assessor.assess_speech(as_pcm(np.concatenate(turns)))
    assert (result.status, result.reason, result.scores) == ("none", "two_voices", None)


def test_a_short_word_of_somebody_else_does_not_count(
    assessor: PronunciationAssessor, first: list[Samples], second: list[Samples]
) -> None:
    aside = second[1][: 16_000 * 3 // 2]
    result = assessor.assess_speech(as_pcm(np.concatenate([*first[:4], aside, *first[4:8]])))
    assert (result.status, result.reason) == ("ok", None)
