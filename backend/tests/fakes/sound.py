"""Sounds whose pitch, length and place are known."""

import numpy as np
from numpy.typing import NDArray

from app.services.speech import SAMPLE_RATE

Samples = NDArray[np.float32]


def voice(
    seconds: float, hertz: float, *, swing: float = 0.0, glide: float = 0.0, level: float = 0.1
) -> Samples:
    """A voice; its pitch swings `swing` semitones up and down twice a second, or glides by `glide` in all."""
    t = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    semitones = swing * np.sin(2 * np.pi * 2 * t) + glide * (t / max(seconds, 1e-9) - 0.5)
    phase = 2 * np.pi * np.cumsum(hertz * 2 ** (semitones / 12)) / SAMPLE_RATE
    harmonics = sum(np.sin(k * phase) / k for k in range(1, 9))
    edge = np.minimum(1.0, np.minimum(np.arange(t.size), np.arange(t.size)[::-1]) / 160)
    return (level * harmonics * edge).astype(np.float32)


def silence(seconds: float) -> Samples:
    """Nothing."""
    return np.zeros(int(seconds * SAMPLE_RATE), np.float32)


def hiss(samples: Samples, level: float = 0.001) -> Samples:
    """Return the sound in a faint noise."""
    noise = np.random.default_rng(1).standard_normal(samples.size)
    return (samples + level * noise).astype(np.float32)


def joined(*parts: Samples) -> Samples:
    """Return the parts one after the other, in a faint noise."""
    return hiss(np.concatenate(parts))


def to_pcm(samples: Samples) -> bytes:
    """Return PCM16."""
    return (np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes()
