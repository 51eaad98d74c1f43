"""Long answers in pieces of the length the scores were fitted on."""

from dataclasses import dataclass

import numpy as np

from app.services.pronunciation_engine.learned.types import Floats
from app.services.speech import SAMPLE_RATE

STRETCH_S = 12.0
"""Seconds that are listened to in one piece."""

SHORTEST_CUT_S = 8.0
LEAST_S = 1.0
"""A rest shorter than this is left out where there is more."""

_QUIET_S = 0.2


@dataclass(frozen=True, slots=True)
class Chunk:
    """Samples [start, end) of the recording."""

    start: int
    end: int

    @property
    def seconds(self) -> float:
        """Its length."""
        return (self.end - self.start) / SAMPLE_RATE


def windows(samples: int, budget_s: float) -> tuple[Chunk, ...]:
    """Choose what to listen to: all of it, or 12 s stretches evenly spaced that together last `budget_s`."""
    budget, longest = int(budget_s * SAMPLE_RATE), int(STRETCH_S * SAMPLE_RATE)
    if samples <= max(budget, longest):
        return (Chunk(0, samples),)
    count = max(1, budget // longest)
    starts = np.linspace(0, samples - longest, count) if count > 1 else np.array([(samples - longest) / 2])
    return tuple(Chunk(int(start), int(start) + longest) for start in starts)


def cut(samples: Floats, window: Chunk) -> tuple[Chunk, ...]:
    """Cut a window into pieces of at most 12 s, each at its quietest moment after 8 s."""
    pieces: list[Chunk] = []
    start = window.start
    while window.end - start > STRETCH_S * SAMPLE_RATE:
        earliest, latest = start + int(SHORTEST_CUT_S * SAMPLE_RATE), start + int(STRETCH_S * SAMPLE_RATE)
        at = earliest + _quietest(samples[earliest:latest])
        pieces.append(Chunk(start, at))
        start = at
    if not pieces or window.end - start >= LEAST_S * SAMPLE_RATE:
        pieces.append(Chunk(start, window.end))
    return tuple(pieces)


def _quietest(samples: Floats) -> int:
    """The middle of the quietest fifth of a second."""
    width = int(_QUIET_S * SAMPLE_RATE)
    power = np.cumsum(np.concatenate(([0.0], np.square(samples, dtype=np.float64))))
    return int(np.argmin(power[width:] - power[:-width])) + width // 2
