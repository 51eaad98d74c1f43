import numpy as np
import pytest

from app.services.pronunciation_engine import estimate_pitch
from app.services.speech import SAMPLE_RATE


def voice(seconds: float, hertz: float, *, swing: float = 0.0, noise: float = 0.002) -> np.ndarray:
    """Synthesise a voice whose pitch swings `swing` semitones up and down, twice a second."""
    t = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    pitch = hertz * 2 ** (np.sin(2 * np.pi * 2 * t) * swing / 12)
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    harmonics = sum(np.sin(k * phase) / k for k in range(1, 9))
    hiss = np.random.default_rng(1).standard_normal(t.size) * noise
    return (0.1 * harmonics + hiss).astype(np.float32)


@pytest.mark.parametrize("hertz", [85.0, 120.0, 180.0, 240.0, 330.0])
def test_a_steady_voice(hertz: float) -> None:
    pitch = estimate_pitch(voice(3, hertz))
    assert pitch is not None
    assert pitch.median_hz == pytest.approx(hertz, rel=0.01)
    assert pitch.range_semitones < 0.5


@pytest.mark.parametrize("swing", [1.0, 3.0, 5.0])
def test_a_moving_voice(swing: float) -> None:
    pitch = estimate_pitch(voice(4, 150, swing=swing))
    assert pitch is not None
    assert pitch.range_semitones == pytest.approx(2 * swing * 0.99, rel=0.12)


def test_level_does_not_matter() -> None:
    sound = voice(3, 150, swing=3)
    loud, soft = estimate_pitch(sound), estimate_pitch(sound * np.float32(0.25))
    assert loud is not None
    assert soft is not None
    assert loud.range_semitones == pytest.approx(soft.range_semitones, abs=0.05)


def test_pauses_and_hiss_have_no_pitch() -> None:
    rng = np.random.default_rng(2)
    assert estimate_pitch((0.05 * rng.standard_normal(SAMPLE_RATE * 3)).astype(np.float32)) is None
    assert estimate_pitch(np.zeros(SAMPLE_RATE, dtype=np.float32)) is None
    assert estimate_pitch(np.zeros(10, dtype=np.float32)) is None


def test_too_little_voice_says_nothing() -> None:
    assert estimate_pitch(voice(0.3, 150)) is None
