"""Level, energy and voicing of 16 kHz mono audio in 20 ms frames."""

import numpy as np

from app.services.pronunciation_engine.learned.types import Floats
from app.services.speech import SAMPLE_RATE

HOP = SAMPLE_RATE // 50
LEVEL_DB = -23.0
"""The level that loud frames are brought to; Whisper's features change with gain, so scores would too."""

_LOWEST_HZ, _HIGHEST_HZ = 70, 450
_FFT = 2_048


def levelled(samples: Floats) -> Floats:
    """Scale so that the loud frames (90th percentile of the frames' root mean square) lie at -23 dBFS."""
    count = len(samples) // HOP
    if count == 0:
        return samples
    rms = np.sqrt((samples[: count * HOP].reshape(count, HOP) ** 2).mean(axis=1) + 1e-12)
    gain = 10 ** (LEVEL_DB / 20) / max(float(np.percentile(rms, 90)), 1e-5)
    level: Floats = np.clip(samples * np.float32(gain), -1, 1).astype(np.float32)
    return level


def energy_db(samples: Floats) -> Floats:
    """Mean power of each frame in dB of full scale, at least -100: (frames,)."""
    count = len(samples) // HOP
    frames = samples[: count * HOP].reshape(count, HOP)
    decibels: Floats = (10 * np.log10((frames**2).mean(axis=1) + 1e-10)).astype(np.float32)
    return decibels


def voicing(samples: Floats) -> Floats:
    """How periodic each frame is (about 0-1): its highest autocorrelation between 70 and 450 Hz."""
    width, count = 2 * HOP, len(samples) // HOP
    padded = np.concatenate([np.zeros(HOP // 2, np.float32), samples, np.zeros(width, np.float32)])
    frames = padded[np.arange(count)[:, None] * HOP + np.arange(width)]
    frames = frames - frames.mean(axis=1, keepdims=True)
    window = np.hanning(width).astype(np.float32)
    bias = _autocorrelation(window[None])[0]
    found = _autocorrelation(frames * window)
    found = found / (found[:, :1] + 1e-9) / (bias / bias[0] + 1e-3)
    shortest, longest = SAMPLE_RATE // _HIGHEST_HZ, SAMPLE_RATE // _LOWEST_HZ
    slope = 0.0006 * np.arange(longest - shortest)  # of two equal peaks the shorter lag is the pitch
    best = (found[:, shortest:longest] - slope).argmax(axis=1) + shortest
    voiced: Floats = found[np.arange(count), best].astype(np.float32)
    return voiced


def _autocorrelation(frames: Floats) -> Floats:
    spectrum = np.fft.rfft(frames, _FFT)
    found: Floats = np.fft.irfft(np.abs(spectrum) ** 2)[..., : frames.shape[-1]]
    return found
