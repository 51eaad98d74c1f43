"""The synthesised learner with its real voice."""

import numpy as np
import pytest

from app.adapters.sample_voice import LearnerVoice
from app.services.sample_learner import Breath, SampleQuestion, SynthesisedLearner
from app.services.speech import SAMPLE_RATE


@pytest.fixture(scope="module")
def voice() -> LearnerVoice:
    return LearnerVoice()


def loud(pcm: bytes) -> np.ndarray:
    """Whether each 10 ms of a signal has sound in it."""
    samples = np.frombuffer(pcm, "<i2")
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    return np.abs(frames).max(axis=1) > 100


def longest_silence_ms(flags: np.ndarray) -> int:
    longest = run = 0
    for flag in flags:
        run = 0 if flag else run + 1
        longest = max(longest, run)
    return longest * 10


def test_breaths_are_parted_by_real_silence(voice: LearnerVoice) -> None:
    speech = voice.speak([Breath("I live in a flat,", 600), Breath("near the park.")], seed=1, lead_ms=500)
    samples = np.frombuffer(speech.pcm, "<i2")
    assert not samples[: SAMPLE_RATE // 2].any()
    (first, ended), (began, end) = speech.spoken
    assert began - ended == SAMPLE_RATE * 600 // 1000
    inside = loud(speech.pcm[first * 2 : end * 2])
    assert 550 <= longest_silence_ms(inside) <= 750
    assert inside.mean() > 0.5


def test_it_knows_where_its_speech_begins_and_ends(voice: LearnerVoice) -> None:
    speech = voice.speak([Breath("Yes, of course.")], seed=1, lead_ms=300)
    assert speech.spoken == ((SAMPLE_RATE * 300 // 1000, len(speech.pcm) // 2),)
    assert loud(speech.pcm)[-6:].any()


def test_the_same_seed_gives_the_same_samples(voice: LearnerVoice) -> None:
    breaths = [Breath("Well, I think so.", 200), Breath("Yes.")]
    assert voice.speak(breaths, seed=4) == voice.speak(breaths, seed=4)


def test_without_words_there_is_silence(voice: LearnerVoice) -> None:
    speech = voice.speak([], seed=1, lead_ms=100)
    assert speech.spoken == ()
    assert speech.duration_ms == 100


def test_a_learner_is_the_same_for_the_same_seed(voice: LearnerVoice) -> None:
    question = SampleQuestion("What kind of home do you live in?", 1)
    first, second = (
        SynthesisedLearner(3, voice).answer(question),
        SynthesisedLearner(3, voice).answer(question),
    )
    assert first == second
    assert first.text
    assert not first.says_so


def test_the_talk_fits_its_time_and_goes_on_when_asked_for_more(voice: LearnerVoice) -> None:
    learner = SynthesisedLearner(3, voice)
    card = "Describe a person who explains things clearly."
    talk = learner.answer(SampleQuestion(card, 2, talk=True, limit_ms=30_000))
    assert 12_000 <= talk.speech.duration_ms <= 27_000
    assert talk.says_so
    more = learner.answer(SampleQuestion(card, 2, talk=True, limit_ms=10_000))
    assert more.text is not None
    assert talk.text is not None
    assert more.text[:20] not in talk.text


def test_with_two_minutes_it_talks_for_more_than_one(voice: LearnerVoice) -> None:
    talk = SynthesisedLearner(3, voice).answer(
        SampleQuestion("Describe a place near water.", 2, talk=True, limit_ms=120_000)
    )
    assert 60_000 <= talk.speech.duration_ms <= 96_000
