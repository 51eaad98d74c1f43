"""A plain estimate of the voice's pitch: how high it lies and how far it moves."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.services.speech import SAMPLE_RATE

FLOOR_HZ = 70.0
CEILING_HZ = 400.0
MIN_VOICED_FRAMES = 50
"""Half a second of voice; below that a range says nothing."""

_WINDOW = 640
_HOP = 160
_FFT = 2_048
_VOICED_PERIODICITY = 0.55
_OCTAVE_TOLERANCE = 0.9
_QUIET_DB = 25.0
_CHUNK_FRAMES = 2_048


@dataclass(frozen=True, slots=True)
class Pitch:
    """Median pitch in Hz; the range runs from the 5th to the 95th percentile of the voiced 10 ms frames."""

    median_hz: float
    range_semitones: float
    voiced_frames: int


def estimate_pitch(samples: NDArray[np.float32]) -> Pitch | None:
    """Estimate the pitch of 16 kHz mono samples in -1 to 1; None with too little voiced speech.

    Normalised autocorrelation over 40 ms windows (after Boersma 1993): the first peak within a tenth of the
    best one, refined by a parabola; quiet and aperiodic frames are left out, and so are frames that leap by
    more than half an octave from the median of their neighbours (octave errors).
    """
    if samples.size < _WINDOW:
        return None
    frames = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP]
    energy = np.einsum("ij,ij->i", frames, frames) / _WINDOW
    loud = float(np.percentile(energy, 95))
    if loud <= 0.0:
        return None
    active = np.flatnonzero(energy > loud * 10 ** (-_QUIET_DB / 10))
    window = np.hanning(_WINDOW).astype(np.float32)
    bias = _autocorrelation(window[None])[0]
    found = [
        _chunk_pitch(frames[active[i : i + _CHUNK_FRAMES]], window, bias)
        for i in range(0, active.size, _CHUNK_FRAMES)
    ]
    hertz = np.concatenate(found) if found else np.zeros(0)
    hertz = _without_leaps(hertz[hertz > 0])
    if hertz.size < MIN_VOICED_FRAMES:
        return None
    low, middle, high = np.percentile(hertz, [5, 50, 95])
    return Pitch(
        median_hz=round(float(middle), 1),
        range_semitones=round(float(12 * np.log2(high / low)), 2),
        voiced_frames=int(hertz.size),
    )


def _autocorrelation(frames: NDArray[np.float32]) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(frames, _FFT)
    power = spectrum.real**2 + spectrum.imag**2
    correlation: NDArray[np.float64] = np.fft.irfft(power, _FFT)[:, :_WINDOW]
    return correlation / np.maximum(correlation[:, :1], 1e-12)


def _chunk_pitch(
    frames: NDArray[np.float32], window: NDArray[np.float32], bias: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the pitch of each frame in Hz, 0 where it is not voiced."""
    centred = frames - frames.mean(axis=1, keepdims=True)
    correlation = _autocorrelation(centred * window) / np.maximum(bias, 1e-3)
    shortest, longest = int(SAMPLE_RATE / CEILING_HZ), int(SAMPLE_RATE / FLOOR_HZ)
    inner = correlation[:, shortest - 1 : longest + 2]
    here = inner[:, 1:-1]
    peaks = (here > inner[:, :-2]) & (here >= inner[:, 2:])
    heights = np.where(peaks, here, -1.0)
    best = heights.max(axis=1)
    chosen = np.argmax(heights >= best[:, None] * _OCTAVE_TOLERANCE, axis=1)
    rows = np.arange(len(frames))
    left, top, right = inner[rows, chosen], inner[rows, chosen + 1], inner[rows, chosen + 2]
    bend = left - 2 * top + right
    shift = np.where(np.abs(bend) > 1e-9, 0.5 * (left - right) / np.where(bend == 0, 1.0, bend), 0.0)
    lag = chosen + shortest + np.clip(shift, -0.5, 0.5)
    return np.where(best >= _VOICED_PERIODICITY, SAMPLE_RATE / lag, 0.0)


def _without_leaps(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Drop frames more than half an octave away from the median of the nine around them."""
    if hertz.size < 9:
        return hertz
    padded = np.pad(hertz, 4, mode="edge")
    local = np.median(np.lib.stride_tricks.sliding_window_view(padded, 9), axis=1)
    return hertz[np.abs(np.log2(hertz / local)) < 0.5]
