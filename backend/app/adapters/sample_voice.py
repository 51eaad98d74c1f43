"""The synthesised learner's voice: a stretch of speech for every breath, real silence in between."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr

from app.services.sample_learner import Breath
from app.services.speech import SAMPLE_RATE, Span, Speech

SPEED = 0.78
"""Relative to the voice's own pace, before the pitch is changed."""
PITCH = 0.93
"""Below the examiner's, by reading the samples more slowly; this slows the speech by as much."""
EDGE_SHARE = 0.02
EDGE_MS = 30
LEVEL = 0.12
"""Root mean square of the loud half of the signal, full scale being 1."""

Samples = npt.NDArray[np.float32]


class LearnerVoice:
    """Speaks breaths; the same seed and breaths give the same samples."""

    def __init__(self) -> None:
        from hibari import Hibari  # noqa: PLC0415 - loads the model's runtime, wanted only when speech is

        self._voice: Any = Hibari()

    def speak(self, breaths: Sequence[Breath], *, seed: int, lead_ms: int = 0) -> Speech:
        """Render an answer that begins after `lead_ms` of silence. An answer without words is silence."""
        parts = [_silence(lead_ms)]
        spans: list[Span] = []
        position = len(parts[0])
        for number, breath in enumerate(breaths):
            spoken, pause = self._say(breath.text, seed + number), _silence(breath.pause_ms)
            if len(spoken):
                spans.append((position, position + len(spoken)))
            position += len(spoken) + len(pause)
            parts += [spoken, pause]
        pcm = (np.clip(np.concatenate(parts), -1.0, 1.0) * 32767.0).astype("<i2").tobytes()
        return Speech(pcm, tuple(spans))

    def _say(self, text: str, seed: int) -> Samples:
        raw: Samples = self._voice(text, speed=SPEED, seed=seed)
        if not len(raw):
            return raw
        lowered = soxr.resample(raw, self._voice.sample_rate * PITCH, SAMPLE_RATE, quality="HQ")
        return _levelled(_trimmed(np.asarray(lowered, np.float32)))


def _silence(ms: int) -> Samples:
    return np.zeros(ms * SAMPLE_RATE // 1000, np.float32)


def _trimmed(samples: Samples) -> Samples:
    """Cut what the voice leaves empty at both ends, but for a few milliseconds."""
    loud = np.flatnonzero(np.abs(samples) > EDGE_SHARE * np.abs(samples).max())
    if not len(loud):
        return samples[:0]
    edge = EDGE_MS * SAMPLE_RATE // 1000
    return samples[max(0, loud[0] - edge) : loud[-1] + edge]


def _levelled(samples: Samples) -> Samples:
    power = np.sort(np.square(samples))[len(samples) // 2 :]
    rms = float(np.sqrt(power.mean())) if len(power) else 0.0
    return samples * np.float32(LEVEL / rms) if rms > 0 else samples
