"""Long answers in pieces of the length the scores were fitted on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.services.pronunciation_engine.learned.types import Floats
from app.services.pronunciation_engine.quality import to_samples
from app.services.speech import SAMPLE_RATE

STRETCH_S = 12.0
"""Seconds that are listened to in one piece, at most."""

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

    def of(self, pcm: bytes) -> Floats:
        """Return its samples of 16 kHz mono PCM16, -1 to 1."""
        return to_samples(pcm[self.start * 2 : self.end * 2])


def cut(pcm: bytes) -> tuple[Chunk, ...]:
    """Cut 16 kHz mono PCM16 into pieces of at most 12 s, each at its quietest moment after 8 s.

    The cuts follow from the sound alone, so a piece is the same whoever listens to how much.
    """
    pieces: list[Chunk] = []
    start, end = 0, len(pcm) // 2
    while end - start > STRETCH_S * SAMPLE_RATE:
        late = Chunk(start + int(SHORTEST_CUT_S * SAMPLE_RATE), start + int(STRETCH_S * SAMPLE_RATE))
        at = late.start + _quietest(late.of(pcm))
        pieces.append(Chunk(start, at))
        start = at
    if not pieces or end - start >= LEAST_S * SAMPLE_RATE:
        pieces.append(Chunk(start, end))
    return tuple(pieces)


def spread(pieces: Sequence[Chunk], budget_s: float) -> tuple[Chunk, ...]:
    """Return all pieces, or as many as `budget_s` (12 s or more) allows, evenly spaced."""
    total_s = sum(piece.seconds for piece in pieces)
    if total_s <= budget_s:
        return tuple(pieces)
    for count in range(int(budget_s * len(pieces) / total_s) + 1, 1, -1):
        places = np.linspace(0, len(pieces) - 1, count)
        chosen = [pieces[at] for at in sorted({int(place) for place in places})]
        if sum(piece.seconds for piece in chosen) <= budget_s:
            return tuple(chosen)
    return (pieces[(len(pieces) - 1) // 2],)


def _quietest(samples: Floats) -> int:
    """The middle of the quietest fifth of a second."""
    width = int(_QUIET_S * SAMPLE_RATE)
    power = np.cumsum(np.concatenate(([0.0], np.square(samples, dtype=np.float64))))
    return int(np.argmin(power[width:] - power[:-width])) + width // 2
