from itertools import pairwise

import numpy as np
import pytest

from app.adapters.local_speech import SpeechModels
from tests.adapters.local_speech.aloud import SENTENCES, as_pcm, say, silence, word_error_rate

SECONDS = 4
TIME = np.arange(SECONDS * 16_000) / 16_000


def noise(kind: str) -> bytes:
    """Return four seconds in which nobody speaks."""
    rng = np.random.default_rng(3)
    match kind:
        case "silence":
            samples = np.zeros_like(TIME)
        case "white":
            samples = rng.normal(0, 0.05, len(TIME))
        case "hum":
            samples = 0.2 * np.sin(2 * np.pi * 100 * TIME) + 0.1 * np.sin(2 * np.pi * 200 * TIME)
        case "click":
            samples = np.zeros_like(TIME)
            samples[30_000:30_040] = 0.9
        case _:
            strokes = np.exp(-np.arange(len(TIME)) % 4_000 / 60)
            samples = rng.normal(0, 0.2, len(TIME)) * strokes
    return as_pcm(samples.astype(np.float32))


@pytest.mark.parametrize("sentence", SENTENCES[:3])
def test_understands_a_sentence_with_times_and_probabilities(
    speech_models: SpeechModels, sentence: str
) -> None:
    pcm = silence(200) + say(speech_models, sentence)
    heard = speech_models.whisper.transcribe(pcm, True)
    assert word_error_rate(sentence, heard.text) <= 0.1
    assert -0.5 < heard.mean_logprob < 0
    assert all(0 < word.probability <= 1 for word in heard.words)
    assert np.median([word.probability for word in heard.words]) > 0.9
    starts = [word.start_ms for word in heard.words]
    assert starts == sorted(starts)
    assert all(earlier.end_ms <= later.start_ms for earlier, later in pairwise(heard.words))
    assert len(pcm) / 32 - 1_000 < heard.words[-1].end_ms <= len(pcm) / 32


def test_a_sketch_is_a_good_guess(speech_models: SpeechModels) -> None:
    heard = speech_models.whisper.sketch(say(speech_models, SENTENCES[3]))
    assert word_error_rate(SENTENCES[3], heard.text) <= 0.15
    assert heard.words[0].start_ms < heard.words[-1].start_ms


@pytest.mark.parametrize("kind", ["silence", "white", "hum", "click", "typing"])
def test_nobody_speaks_in_noise(speech_models: SpeechModels, kind: str) -> None:
    assert speech_models.whisper.transcribe(noise(kind), False).words == ()


@pytest.mark.parametrize("kind", ["silence", "white", "hum", "click"])
def test_noise_taken_for_a_voice_is_still_no_words(speech_models: SpeechModels, kind: str) -> None:
    assert speech_models.whisper.transcribe(noise(kind), True).words == ()


@pytest.mark.parametrize("kind", ["silence", "white", "hum"])
def test_a_sketch_of_noise_is_empty(speech_models: SpeechModels, kind: str) -> None:
    assert speech_models.whisper.sketch(noise(kind)).words == ()


@pytest.mark.parametrize("answer", ["Yes.", "Thank you.", "I don't know."])
def test_short_answers_are_answers(speech_models: SpeechModels, answer: str) -> None:
    heard = speech_models.whisper.transcribe(silence(200) + say(speech_models, answer), True)
    assert word_error_rate(answer, heard.text) == 0


def test_a_voice_nobody_noticed_is_still_understood(speech_models: SpeechModels) -> None:
    heard = speech_models.whisper.transcribe(silence(2_000) + say(speech_models, SENTENCES[6]), False)
    assert word_error_rate(SENTENCES[6], heard.text) <= 0.1


@pytest.mark.parametrize("ms", [100, 28_000])
def test_the_shortest_and_the_longest_piece(speech_models: SpeechModels, ms: int) -> None:
    assert speech_models.whisper.transcribe(silence(ms), True).words == ()
