"""The same speech through other channels: gain, telephone band, room noise, another microphone distance."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import soxr

from app.services.speech import SAMPLE_RATE

Samples = npt.NDArray[np.float32]


def gain(decibels: float) -> Callable[[Samples], Samples]:
    """Louder or quieter."""

    return lambda samples: np.clip(samples * np.float32(10 ** (decibels / 20)), -1, 1)


def telephone(samples: Samples) -> Samples:
    """Through an 8 kHz line."""
    narrow = soxr.resample(samples, SAMPLE_RATE, 8_000)
    wide: Samples = soxr.resample(narrow, 8_000, SAMPLE_RATE)[: len(samples)]
    return wide


def room_noise(samples: Samples) -> Samples:
    """Pink noise 20 dB below the speech."""
    noise = np.random.default_rng(0).standard_normal(len(samples))
    spectrum = np.fft.rfft(noise)
    hertz = np.maximum(np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE), 50)
    noise = np.fft.irfft(spectrum / np.sqrt(hertz), len(samples))
    noise *= np.sqrt(_speech_power(samples) / 100 / np.square(noise).mean())
    return np.clip(samples + noise.astype(np.float32), -1, 1)


def _speech_power(samples: Samples) -> float:
    """Return the mean power of the frames that are not more than 30 dB below the loud ones, at any level."""
    frame = SAMPLE_RATE // 50
    power = np.square(samples[: len(samples) // frame * frame].reshape(-1, frame)).mean(axis=1)
    return float(power[power >= np.percentile(power, 95) / 1_000].mean())


def across_the_room(samples: Samples) -> Samples:
    """A third of a second of reverberation on a weaker direct sound."""
    length = int(0.3 * SAMPLE_RATE)
    t = np.arange(length) / SAMPLE_RATE
    echo = np.random.default_rng(1).standard_normal(length) * 10 ** (-3 * t / 0.3) * 0.07
    echo[0] = 1
    whole = np.fft.irfft(
        np.fft.rfft(samples, len(samples) + length) * np.fft.rfft(echo, len(samples) + length)
    )[: len(samples)]
    return (0.4 * whole / max(1.0, float(np.abs(whole).max()))).astype(np.float32)
