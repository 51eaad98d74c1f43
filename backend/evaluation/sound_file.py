"""Audio files as the product hears its microphone: 16 kHz mono PCM16."""

from pathlib import Path

import numpy as np
import soundfile
import soxr

from app.services.speech import SAMPLE_RATE


class BadSound(ValueError):
    """A file that holds no sound; the message names it."""


def read_pcm(path: Path) -> bytes:
    """Read any file that libsndfile reads; several channels are mixed. Raises OSError, BadSound."""
    if not path.is_file():
        raise FileNotFoundError(f"There is no {path}.")
    try:
        samples, rate = soundfile.read(path, dtype="int16", always_2d=True)
    except soundfile.LibsndfileError as problem:
        raise BadSound(f"{path} is no audio file: {problem}") from None
    if samples.shape[1] == 1 and rate == SAMPLE_RATE:
        return bytes(samples.astype("<i2").tobytes())
    mono = samples.astype(np.float32).mean(axis=1)
    if rate != SAMPLE_RATE:
        mono = soxr.resample(mono, rate, SAMPLE_RATE)
    return bytes(np.clip(np.round(mono), -32_768, 32_767).astype("<i2").tobytes())
