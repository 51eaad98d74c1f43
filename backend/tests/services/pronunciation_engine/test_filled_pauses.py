import numpy as np
import pytest

from app.services.pronunciation_engine.acoustics import analyse_signal
from app.services.pronunciation_engine.filled_pauses import FilledPause, find_filled_pauses
from tests.fakes.sound import Samples, joined, silence, voice

WORD = voice(0.5, 140, swing=4, level=0.12)


def found(*middle: Samples) -> tuple[FilledPause, ...]:
    """Look between two words of half a second."""
    sound = joined(WORD, *middle, WORD)
    length = sum(part.size for part in middle) // 16
    return find_filled_pauses(analyse_signal(sound), [(0, 500), (500 + length, 1_000 + length)])


@pytest.mark.parametrize("seconds", [0.3, 0.5, 0.9])
def test_a_held_sound_between_words(seconds: float) -> None:
    (pause,) = found(silence(0.3), voice(seconds, 125), silence(0.3))
    assert pause.source == "audio"
    assert pause.start_ms == pytest.approx(800, abs=40)
    assert pause.end_ms == pytest.approx(800 + 1_000 * seconds, abs=40)


def test_a_slightly_falling_one() -> None:
    assert len(found(silence(0.2), voice(0.4, 125, glide=-2), silence(0.2))) == 1


@pytest.mark.parametrize(
    "sound",
    [
        silence(0.8),
        voice(0.1, 125),
        voice(0.5, 125, glide=9),
        voice(0.5, 125, swing=4),
        voice(0.5, 125, level=0.004),
        (0.05 * np.random.default_rng(3).standard_normal(8_000)).astype(np.float32),
    ],
    ids=["silence", "too short", "gliding", "speech melody", "far away", "a breath"],
)
def test_what_is_none(sound: Samples) -> None:
    assert found(silence(0.2), sound, silence(0.2)) == ()


def test_speech_that_the_recogniser_missed_is_none() -> None:
    assert found(silence(0.1), voice(0.25, 125), silence(0.1), voice(0.6, 150, swing=4), silence(0.1)) == ()


def test_a_vowel_drawn_out_at_the_end_of_its_word_is_none() -> None:
    sound = joined(WORD, voice(0.5, 125), silence(0.3), WORD)
    assert find_filled_pauses(analyse_signal(sound), [(0, 1_000), (1_300, 1_800)]) == ()


def test_before_the_first_word_and_after_the_last_there_may_be_anything() -> None:
    sound = joined(voice(0.5, 125), WORD, voice(0.5, 125))
    assert find_filled_pauses(analyse_signal(sound), [(500, 1_000)]) == ()
    assert find_filled_pauses(analyse_signal(sound), []) == ()


def test_nothing_to_look_at() -> None:
    assert find_filled_pauses(analyse_signal(silence(0.01)), [(0, 100), (900, 1_000)]) == ()
    assert find_filled_pauses(analyse_signal(silence(2)), [(0, 100), (900, 1_000)]) == ()
