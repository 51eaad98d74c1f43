"""What the signal itself shows, every 10 ms: level, pitch, and the shape of the spectrum."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.services.speech import SAMPLE_RATE

Floats = NDArray[np.floating[Any]]

HOP_MS = 10
FLOOR_HZ = 70.0
CEILING_HZ = 400.0
QUIET_DB = 25.0
"""A frame this far below the loud ones (95th percentile) is neither voice nor syllable."""

_HOP = SAMPLE_RATE * HOP_MS // 1_000
_WINDOW = 640
_FFT = 2_048
_VOICED_PERIODICITY = 0.55
_OCTAVE_TOLERANCE = 0.9
_CHUNK_FRAMES = 2_048
_BANDS = 20
_BAND_FLOOR_HZ = 100.0
_BAND_CEILING_HZ = 4_000.0
_SONORANT_HZ = (300.0, 2_500.0)
_FLOOR_POWER = 1e-10


@dataclass(frozen=True, slots=True)
class Acoustics:
    """Frames of 40 ms every 10 ms; frame `i` is centred on `i * 10 + 20` ms. All arrays have one row a frame.

    `level_db` is the power in dB below full scale, `sonorant_db` that between 300 and 2,500 Hz, where vowels
    carry theirs. `pitch_hz` is 0 where there is no voice. `bands` are log powers in 20 mel bands between 100
    and 4,000 Hz. `loud_db` is the 95th percentile of the level.
    """

    level_db: NDArray[np.float32]
    sonorant_db: NDArray[np.float32]
    pitch_hz: NDArray[np.float32]
    bands: NDArray[np.float32]
    loud_db: float

    @property
    def frames(self) -> int:
        """How many frames there are."""
        return int(self.level_db.size)


def centre_ms(frame: int) -> int:
    """Return the middle of a frame, in milliseconds from the first sample."""
    return frame * HOP_MS + _WINDOW * 500 // SAMPLE_RATE


def analyse_signal(samples: NDArray[np.float32]) -> Acoustics:
    """Measure 16 kHz mono samples in -1 to 1. Shorter than one window gives no frames.

    Pitch is the normalised autocorrelation (after Boersma 1993): the first peak within a tenth of the best
    one, refined by a parabola; frames that leap by more than half an octave from the median of their voiced
    neighbours (octave errors) count as unvoiced.
    """
    if samples.size < _WINDOW:
        empty = np.zeros(0, np.float32)
        return Acoustics(empty, empty, empty, np.zeros((0, _BANDS), np.float32), -np.inf)
    frames = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP]
    power = np.einsum("ij,ij->i", frames, frames) / _WINDOW
    level = _decibels(power)
    loud = float(np.percentile(level, 95))
    active = (level > loud - QUIET_DB) & (power > _FLOOR_POWER)
    window = np.hanning(_WINDOW).astype(np.float32)
    bias = _autocorrelation(_power_spectrum(window[None]))[0]
    pitch = np.zeros(len(frames), np.float32)
    bands = np.empty((len(frames), _BANDS), np.float32)
    sonorant = np.empty(len(frames), np.float32)
    for start in range(0, len(frames), _CHUNK_FRAMES):
        part = slice(start, start + _CHUNK_FRAMES)
        chunk = frames[part]
        spectrum = _power_spectrum((chunk - chunk.mean(axis=1, keepdims=True)) * window)
        bands[part] = _decibels(spectrum[:, : _FILTERS.shape[0]] @ _FILTERS / _FFT)
        sonorant[part] = _decibels(spectrum[:, _SONORANT].sum(axis=1) / (_FFT * _WINDOW))
        live = active[part]
        found = np.zeros(len(chunk), np.float32)
        if live.any():
            found[live] = _pitch(_autocorrelation(spectrum[live]) / np.maximum(bias, 1e-3))
        pitch[part] = found
    return Acoustics(level, sonorant, _without_leaps(pitch), bands, loud)


def _decibels(power: Floats) -> NDArray[np.float32]:
    decibels: NDArray[np.float32] = (10 * np.log10(np.maximum(power, _FLOOR_POWER))).astype(np.float32)
    return decibels


def _power_spectrum(windowed: NDArray[np.float32]) -> Floats:
    spectrum = np.fft.rfft(windowed, _FFT)
    power: Floats = spectrum.real**2 + spectrum.imag**2
    return power


def _autocorrelation(power: Floats) -> Floats:
    correlation: Floats = np.fft.irfft(power, _FFT)[:, :_WINDOW]
    correlation /= np.maximum(correlation[:, :1], 1e-12)
    return correlation


def _pitch(correlation: Floats) -> Floats:
    """Return the pitch of each row in Hz, 0 where it is not periodic enough to be a voice."""
    shortest, longest = int(SAMPLE_RATE / CEILING_HZ), int(SAMPLE_RATE / FLOOR_HZ)
    inner = correlation[:, shortest - 1 : longest + 2]
    here = inner[:, 1:-1]
    peaks = (here > inner[:, :-2]) & (here >= inner[:, 2:])
    heights = np.where(peaks, here, -1.0)
    best = heights.max(axis=1)
    chosen = np.argmax(heights >= best[:, None] * _OCTAVE_TOLERANCE, axis=1)
    rows = np.arange(len(correlation))
    left, top, right = inner[rows, chosen], inner[rows, chosen + 1], inner[rows, chosen + 2]
    bend = left - 2 * top + right
    shift = np.where(np.abs(bend) > 1e-9, 0.5 * (left - right) / np.where(bend == 0, 1.0, bend), 0.0)
    lag = chosen + shortest + np.clip(shift, -0.5, 0.5)
    return np.where(best >= _VOICED_PERIODICITY, SAMPLE_RATE / lag, 0.0)


def _without_leaps(pitch: NDArray[np.float32]) -> NDArray[np.float32]:
    """Unvoice frames half an octave or more from the median of the nine voiced ones around them."""
    voiced = np.flatnonzero(pitch)
    if voiced.size < 9:
        return pitch
    hertz = pitch[voiced]
    padded = np.pad(hertz, 4, mode="edge")
    local = np.median(np.lib.stride_tricks.sliding_window_view(padded, 9), axis=1)
    kept = pitch.copy()
    kept[voiced[np.abs(np.log2(hertz / local)) >= 0.5]] = 0.0
    return kept


def _mel_filters() -> NDArray[np.float32]:
    """Return triangles over the bins below 4 kHz, shape (bins, bands)."""
    hertz = np.arange(_FFT // 2 + 1) * SAMPLE_RATE / _FFT
    mel = 2_595 * np.log10(1 + hertz / 700)
    low, high = 2_595 * np.log10(1 + np.array([_BAND_FLOOR_HZ, _BAND_CEILING_HZ]) / 700)
    edges = np.linspace(low, high, _BANDS + 2)
    bins = int(np.searchsorted(hertz, _BAND_CEILING_HZ, side="right"))
    rising = (mel[:bins, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - mel[:bins, None]) / (edges[2:] - edges[1:-1])
    triangles: NDArray[np.float32] = np.clip(np.minimum(rising, falling), 0.0, None).astype(np.float32)
    return triangles


_FILTERS = _mel_filters()
_SONORANT = slice(*(int(hz * _FFT / SAMPLE_RATE) for hz in _SONORANT_HZ))
