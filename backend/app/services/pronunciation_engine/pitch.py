"""The voice's pitch: how high it lies, how far it ranges, and how much it moves."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.services.pronunciation_engine.acoustics import HOP_MS, Acoustics

MIN_VOICED_FRAMES = 50
"""Half a second of voice; below that a range says nothing."""

_SMOOTHING = 5
_MIN_STRETCH = 5


@dataclass(frozen=True, slots=True)
class Pitch:
    """Pitch over the voiced 10 ms frames.

    The range runs from the 5th to the 95th percentile; `sd_semitones` is the spread around the median (the
    semitone form of Hincks's pitch variation quotient, 2005). `movement_st_s` is how many semitones the
    smoothed pitch travels in a second of voice, up and down.
    """

    median_hz: float
    range_semitones: float
    sd_semitones: float
    movement_st_s: float
    voiced_frames: int


def measure_pitch(acoustics: Acoustics) -> Pitch | None:
    """Sum up the pitch of a recording; None with too little voiced speech."""
    hertz = acoustics.pitch_hz[acoustics.pitch_hz > 0].astype(np.float64)
    if hertz.size < MIN_VOICED_FRAMES:
        return None
    low, middle, high = np.percentile(hertz, [5, 50, 95])
    semitones = 12 * np.log2(np.clip(hertz, low, high) / middle)
    return Pitch(
        median_hz=round(float(middle), 1),
        range_semitones=round(float(12 * np.log2(high / low)), 2),
        sd_semitones=round(float(semitones.std()), 2),
        movement_st_s=round(_movement(acoustics.pitch_hz), 2),
        voiced_frames=int(hertz.size),
    )


def _movement(pitch_hz: NDArray[np.float32]) -> float:
    """Return semitones travelled per second, within unbroken stretches of voice of 50 ms and more."""
    voiced = np.flatnonzero(pitch_hz)
    travelled, frames = 0.0, 0
    for stretch in np.split(voiced, np.flatnonzero(np.diff(voiced) > 1) + 1):
        if stretch.size < _MIN_STRETCH:
            continue
        semitones = 12 * np.log2(pitch_hz[stretch].astype(np.float64))
        padded = np.pad(semitones, _SMOOTHING // 2, mode="edge")
        smooth = np.median(np.lib.stride_tricks.sliding_window_view(padded, _SMOOTHING), axis=1)
        travelled += float(np.abs(np.diff(smooth)).sum())
        frames += stretch.size - 1
    return travelled / (frames * HOP_MS / 1_000) if frames else 0.0
