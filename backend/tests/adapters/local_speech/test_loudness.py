import numpy as np
import pytest

from app.adapters.local_speech.loudness import levelled, trimmed

RATE = 24_000


def tone(seconds: float, amplitude: float) -> np.ndarray:
    return (amplitude * np.sin(np.arange(int(seconds * RATE)) * 0.05)).astype(np.float32)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * RATE), np.float32)


@pytest.mark.parametrize("amplitude", [0.02, 0.065, 0.5])
def test_brings_speech_to_minus_twenty_decibels_whatever_silence_surrounds_it(amplitude: float) -> None:
    sound = levelled(np.concatenate([silence(2), tone(1, amplitude), silence(1)]), RATE)
    spoken = sound[2 * RATE : 3 * RATE]
    assert np.sqrt(np.square(spoken).mean()) == pytest.approx(0.1, rel=0.02)


def test_peaks_stay_below_full_scale() -> None:
    peaky = tone(1, 0.05)
    peaky[::2_000] = 0.9
    sound = levelled(peaky, RATE)
    assert 0.8 < np.abs(sound).max() < 1.0


def test_silence_is_not_amplified() -> None:
    assert not levelled(silence(1), RATE).any()
    assert len(levelled(silence(0), RATE)) == 0


def test_trims_silence_but_leaves_room_to_breathe() -> None:
    kept = trimmed(np.concatenate([silence(0.5), tone(1, 0.3), silence(2)]), RATE)
    assert len(kept) / RATE == pytest.approx(0.04 + 1 + 0.3, abs=0.03)
    assert len(trimmed(silence(1), RATE)) == 0
