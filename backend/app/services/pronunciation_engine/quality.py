"""Whether a recording can be judged at all."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Problem = Literal["no_audio", "silence", "clipped"]

SILENCE_RMS = 0.0015
"""About -56 dBFS: below this there is no voice to judge."""

CLIPPED_SHARE = 0.01
_FULL_SCALE = 0.997


@dataclass(frozen=True, slots=True)
class Recording:
    """Level as root mean square (0-1) and the share of samples at full scale."""

    rms: float
    clipped_share: float
    problem: Problem | None


def to_samples(pcm: bytes) -> NDArray[np.float32]:
    """Turn little-endian PCM16 into floats in -1 to 1; a trailing odd byte is dropped."""
    return np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2").astype(np.float32) / np.float32(32_768)


def check_recording(samples: NDArray[np.float32]) -> Recording:
    """Measure the level and say what makes the recording unfit, if anything does."""
    if samples.size == 0:
        return Recording(0.0, 0.0, "no_audio")
    rms = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
    clipped = float(np.mean(np.abs(samples) >= _FULL_SCALE))
    problem: Problem | None = None
    if rms < SILENCE_RMS:
        problem = "silence"
    elif clipped > CLIPPED_SHARE:
        problem = "clipped"
    return Recording(round(rms, 5), round(clipped, 5), problem)
