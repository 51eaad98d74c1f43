"""The level of synthesised speech. Pure; float32 samples between -1 and 1."""

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

TARGET_RMS = 0.1
"""-20 dBFS, about what conversation apps play speech at."""

MAX_GAIN = 8.0
KNEE = 0.8
"""Peaks above this are bent, so that they never clip."""

QUIET = 0.005
LEAD_MS = 40
TAIL_MS = 300
_FRAME_MS = 20


def _frame_rms(samples: Samples, sample_rate: int) -> Samples:
    frame = sample_rate * _FRAME_MS // 1000
    whole = samples[: len(samples) // frame * frame].reshape(-1, frame)
    mean: Samples = np.square(whole).mean(axis=1)
    return np.sqrt(mean)


def trimmed(samples: Samples, sample_rate: int) -> Samples:
    """Cut silence at the start to 40 ms and at the end to 300 ms; all silence becomes nothing."""
    sounding = np.flatnonzero(_frame_rms(samples, sample_rate) > QUIET)
    if not len(sounding):
        return samples[:0]
    first_ms = max(0, int(sounding[0]) * _FRAME_MS - LEAD_MS)
    last_ms = (int(sounding[-1]) + 1) * _FRAME_MS + TAIL_MS
    return samples[first_ms * sample_rate // 1000 : last_ms * sample_rate // 1000]


def levelled(samples: Samples, sample_rate: int) -> Samples:
    """Bring the sounding parts to -20 dBFS (root mean square), with peaks below full scale."""
    rms = _frame_rms(samples, sample_rate)
    sounding = rms[rms > QUIET]
    if not len(sounding):
        return samples
    gain = min(MAX_GAIN, TARGET_RMS / float(np.sqrt(np.square(sounding).mean())))
    louder = samples * np.float32(gain)
    size = np.abs(louder)
    bent = KNEE + (1 - KNEE) * np.tanh((size - KNEE) / (1 - KNEE))
    return np.where(size > KNEE, np.copysign(bent, louder), louder).astype(np.float32)
