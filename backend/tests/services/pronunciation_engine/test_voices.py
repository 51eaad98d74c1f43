import numpy as np
import pytest

from app.services.pronunciation_engine.acoustics import analyse_signal
from app.services.pronunciation_engine.voices import two_voices
from tests.fakes.sound import Samples, hiss, joined, silence, voice


def are_two(*parts: Samples) -> bool:
    return two_voices(analyse_signal(hiss(joined(*parts))))


@pytest.mark.parametrize("swing", [0.0, 2.0, 4.0])
def test_one_voice_however_it_moves(swing: float) -> None:
    assert not are_two(*[voice(3, hertz, swing=swing) for hertz in (120, 132, 115, 140, 126)])


def test_a_man_and_a_woman_in_turns() -> None:
    pause = silence(0.5)
    assert are_two(voice(5, 115), pause, voice(5, 210), pause, voice(4, 120))


def test_one_high_exclamation_is_no_second_voice() -> None:
    assert not are_two(voice(6, 115), voice(2, 230), voice(6, 120))


def test_a_voice_that_rises_little_by_little_is_one() -> None:
    assert not are_two(*[voice(2.2, hertz) for hertz in (110, 125, 140, 158, 178, 200)])


@pytest.mark.parametrize("seconds", [0.0, 0.3, 3.0])
def test_too_little_voice_says_nothing(seconds: float) -> None:
    assert not two_voices(analyse_signal(voice(seconds, 120)))


def test_silence_holds_no_voice() -> None:
    assert not two_voices(analyse_signal(np.zeros(16_000 * 5, np.float32)))
