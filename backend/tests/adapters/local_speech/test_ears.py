"""The learned scores with the real models on synthesised speech."""

import numpy as np
import pytest

from app.adapters.local_speech import SpeechModels
from app.adapters.local_speech.ears import LocalEars, load_ears, sentence
from app.adapters.local_speech.whisper_states import WhisperStates
from app.services.pronunciation_engine.learned import (
    Phone,
    PronunciationAssessor,
    PronunciationScores,
    at_once,
    load_weights,
)
from app.services.speech import SAMPLE_RATE
from evaluation.channels import across_the_room, gain, room_noise, telephone
from tests.adapters.local_speech.aloud import SENTENCES, Samples, as_pcm, say


@pytest.fixture(scope="module")
def ears(speech_models: SpeechModels, tmp_path_factory: pytest.TempPathFactory) -> LocalEars:
    return load_ears(tmp_path_factory.mktemp("ears"), speech_models.whisper, speech_models.activity)


@pytest.fixture(scope="module")
def assessor(ears: LocalEars) -> PronunciationAssessor:
    return PronunciationAssessor(ears, load_weights())


def samples_of(pcm: bytes) -> Samples:
    return np.frombuffer(pcm, "<i2").astype(np.float32) / 32_768


def values(scores: PronunciationScores | None) -> Samples:
    assert scores is not None
    return np.array(
        [scores.accuracy_score, scores.fluency_score, scores.prosody_score, scores.pronunciation_score]
    )


def test_channels_change_scores_little(assessor: PronunciationAssessor, speech_models: SpeechModels) -> None:
    """Issued scores are 0-100, so half a point of ten is 5."""
    channels = {
        "6 dB louder": gain(6),
        "6 dB softer": gain(-6),
        "telephone": telephone,
        "noise": room_noise,
        "distance": across_the_room,
    }
    changes: dict[str, list[Samples]] = {name: [] for name in channels}
    for text in SENTENCES[:2]:
        pcm = say(speech_models, text)
        plain = values(assessor.assess_speech(pcm).scores)
        assert (values(assessor.assess_speech(pcm).scores) == plain).all()
        for name, channel in channels.items():
            changed = values(assessor.assess_speech(as_pcm(channel(samples_of(pcm)))).scores)
            changes[name].append(np.abs(changed - plain))
    means = {name: float(np.mean(found)) for name, found in changes.items()}
    assert all(mean <= 5.0 for mean in means.values()), means


def test_the_language_is_asked_wherever_it_can_be_told(speech_models: SpeechModels) -> None:
    states = WhisperStates(speech_models.whisper)
    samples = samples_of(say(speech_models, " ".join(SENTENCES[:2])))

    def english(seconds: float) -> float:
        return states.decode(states.encode(samples[: int(seconds * SAMPLE_RATE)])).english

    assert english(2.5) == 1.0
    assert 0.5 < english(4.0) < 1.0


def test_a_known_text_is_judged_word_by_word(
    assessor: PronunciationAssessor, speech_models: SpeechModels
) -> None:
    text = "She always said that patience is the most important ingredient."
    right = assessor.assess_text(say(speech_models, text), text)
    assert [word.word for word in right.words] == text.rstrip(".").split()
    assert {word.error_type for word in right.words} == {"None"}
    wrong = assessor.assess_text(say(speech_models, text.replace("patience", "passengers")), text)
    scores = {word.word: word.accuracy_score for word in wrong.words}
    assert min(scores, key=lambda word: scores[word]) == "patience"
    assert wrong.scores is not None
    assert right.scores is not None
    assert wrong.scores.accuracy_score < right.scores.accuracy_score


def test_another_text_is_noticed(assessor: PronunciationAssessor, speech_models: SpeechModels) -> None:
    result = assessor.assess_text(say(speech_models, SENTENCES[0]), "Patience helps.")
    assert (result.status, result.reason) == ("none", "other_text")


def test_words_of_free_speech_have_times_and_phones(
    assessor: PronunciationAssessor, speech_models: SpeechModels
) -> None:
    pcm = say(speech_models, "The weather was beautiful.", pause_ms=300)
    words = assessor.assess_speech(pcm, start_ms=1_000).words
    assert [word.word.lower() for word in words] == ["the", "weather", "was", "beautiful"]
    assert 1_000 <= words[0].start_ms < words[-1].end_ms <= 1_000 + len(pcm) // 32
    assert words[1].phones[2].phone == "ð"
    assert words[1].probability > 0.8


def chords(seconds: float) -> bytes:
    """An organ playing slow chords."""
    t = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    tones = [(220, 277, 330), (196, 247, 294), (175, 220, 262)]
    sound = sum(
        np.where((t // 1.5 % 3) == at, np.sin(2 * np.pi * hertz * t * part) / part, 0)
        for at, chord in enumerate(tones)
        for hertz in chord
        for part in (1, 2, 3)
    )
    return as_pcm(0.08 * np.asarray(sound, np.float32))


@pytest.mark.parametrize("sound", ["music", "noise", "clicks"])
def test_what_is_no_speech_gets_a_reason(assessor: PronunciationAssessor, sound: str) -> None:
    rng = np.random.default_rng(0)
    pcm = {
        "music": chords(9),
        "noise": as_pcm(0.1 * rng.standard_normal(6 * SAMPLE_RATE)),
        "clicks": as_pcm((rng.uniform(size=6 * SAMPLE_RATE) > 0.9995) * 0.9),
    }[sound]
    result = assessor.assess_speech(pcm)
    assert (result.status, result.scores) == ("none", None)
    assert result.reason in {"no_speech", "insufficient_sample", "asr_unreliable"}


def test_half_an_hour_is_listened_to_in_part(
    assessor: PronunciationAssessor, speech_models: SpeechModels
) -> None:
    piece = say(speech_models, *SENTENCES[:4], pause_ms=400)
    pcm = (piece * (1_800 * SAMPLE_RATE * 2 // len(piece) + 1))[: 1_800 * SAMPLE_RATE * 2]
    result = assessor.assess_speech(pcm, budget_s=24)
    assert (result.status, result.reason) == ("partial", "long_recording")
    assert 12_000 < result.heard_ms <= 24_000


@pytest.mark.parametrize("seconds", [0.05, 30.0])
def test_ears_refuse_what_they_cannot_hear(ears: LocalEars, seconds: float) -> None:
    with pytest.raises(ValueError, match="to 29 s"):
        at_once(ears.hear(np.zeros(int(seconds * SAMPLE_RATE), np.float32)))


def test_a_text_is_written_as_the_recogniser_would() -> None:
    words = [(text, (Phone("AH"),)) for text in ("WE", "SAID", "I", "KNOW", "I'M", "FINE")]
    assert sentence(words) == "We said I know I'm fine."
