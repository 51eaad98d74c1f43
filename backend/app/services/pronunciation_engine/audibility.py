"""How much of a voice a recording lets through, and what words are likely to lose by what it hides.

After the Speech Intelligibility Index (ANSI S3.5-1997): in each critical band (Zwicker 1961) the voice
counts by how far it stands above the noise, from nothing at 0 dB to all at 30 dB. A narrow line takes the
bands above 4 kHz away, noise covers the weak ones first. Both are measured in the recording itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from app.services.speech import SAMPLE_RATE

LINE_WEIGHT = 0.4
NOISE_WEIGHT = 3.5
"""Log-odds that a word's probability loses without the upper bands, and in noise that leaves nothing of the
lower ones. Noise costs little until it covers much: its share is cubed. Fitted on 14 adults of speechocean762
(train split), each as recorded, over an 8 kHz line and in pink noise 20 dB below the voice."""

MAX_ALLOWANCE = 1.5
"""Log-odds; what would need more was not tried."""

LEAST_AUDIBLE = 0.2
"""Of the lower bands: where less stands out, what is heard as noise may be the voice itself."""

RANGE_DB = 30.0
_EDGES_HZ = (
    100, 200, 300, 400, 510, 630, 770, 920, 1_080, 1_270, 1_480, 1_720, 2_000, 2_320, 2_700, 3_150, 3_700,
    4_400, 5_300, 6_400, 7_700,
)  # fmt: skip
_UPPER = 17
"""The first band that an 8 kHz line takes away."""

_WINDOW = 512
_HOP = 160
_CHUNK_FRAMES = 4_096
_MIN_FRAMES = 200
_NOISE_PERCENTILE = 8
_DIGITAL_SILENCE = 1e-9
"""Mean power density of frames that no microphone made: they say nothing of its noise."""

_LOUD_RANGE_DB = 30.0
_TAPER = np.hanning(_WINDOW).astype(np.float32)
_ROUNDING = float(np.square(_TAPER).sum()) / 32_768**2 / 12
"""The noise of 16 bits, below which nothing can be heard."""


@dataclass(frozen=True, slots=True)
class Audibility:
    """How far a voice stands above noise, 0-1, in the bands below and above 4.4 kHz; `ms` were looked at."""

    lower: float
    upper: float
    ms: int


def measure_audibility(samples: NDArray[np.float32]) -> Audibility | None:
    """Measure 16 kHz mono samples in -1 to 1; None for less than two seconds, or where no voice stands out.

    A band's noise is the 8th percentile of its power over time (after Martin 2001), its voice the mean over
    frames that are not more than 30 dB below the loud ones.
    """
    power = _band_powers(samples)
    total = power.sum(axis=1)
    power, total = power[total > _DIGITAL_SILENCE], total[total > _DIGITAL_SILENCE]
    if len(power) < _MIN_FRAMES:
        return None
    loud = total >= np.percentile(total, 95) / 10 ** (_LOUD_RANGE_DB / 10)
    noise = np.maximum(np.percentile(power, _NOISE_PERCENTILE, axis=0), _ROUNDING)
    above_db = 10 * np.log10(np.maximum(power[loud].mean(axis=0) / noise, 1.0))
    heard = np.minimum(above_db / RANGE_DB, 1.0)
    lower, upper = float(heard[:_UPPER].mean()), float(heard[_UPPER:].mean())
    if lower < LEAST_AUDIBLE:
        return None
    return Audibility(round(lower, 3), round(upper, 3), len(power) * _HOP * 1_000 // SAMPLE_RATE)


def together(found: Sequence[Audibility]) -> Audibility | None:
    """Return the mean over several answers, each by its length; None for none."""
    ms = sum(a.ms for a in found)
    if not ms:
        return None
    lower = sum(a.lower * a.ms for a in found) / ms
    upper = sum(a.upper * a.ms for a in found) / ms
    return Audibility(round(lower, 3), round(upper, 3), ms)


def allowance(audibility: Audibility | None) -> float:
    """Return the log-odds that words are likely to have lost by the recording; 0 where nothing is known."""
    if audibility is None:
        return 0.0
    lost = NOISE_WEIGHT * (1 - audibility.lower) ** 3 + LINE_WEIGHT * (1 - audibility.upper)
    return round(min(MAX_ALLOWANCE, lost), 3)


def allowing_for(allowed: float, probability: float) -> float:
    """Return the probability that a word would have had without the loss."""
    sure = min(0.99, max(0.01, probability))
    return 1 / (1 + exp(-log(sure / (1 - sure)) - allowed)) if allowed else probability


def _band_powers(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return mean power densities, one row a frame of 32 ms every 10 ms, one column a critical band."""
    if samples.size < _WINDOW:
        return np.zeros((0, len(_EDGES_HZ) - 1))
    frames = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP]
    powers = np.empty((len(frames), len(_EDGES_HZ) - 1))
    for start in range(0, len(frames), _CHUNK_FRAMES):
        part = slice(start, start + _CHUNK_FRAMES)
        spectrum = np.fft.rfft(frames[part] * _TAPER)
        powers[part] = (spectrum.real**2 + spectrum.imag**2) @ _MEANS
    return powers


def _means() -> NDArray[np.float64]:
    hertz = np.fft.rfftfreq(_WINDOW, 1 / SAMPLE_RATE)
    inside = [(hertz >= low) & (hertz < high) for low, high in pairwise(_EDGES_HZ)]
    return np.stack([band / band.sum() for band in inside], axis=1)


_MEANS = _means()
