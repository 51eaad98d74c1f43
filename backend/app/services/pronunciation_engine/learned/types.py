"""Plain data that pass between the parts of the learned scores."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]

FRAME_MS = 20
"""Length of one frame of every track; only voice activity runs on windows of 32 ms."""

VOICE_MS = 32

VOICED = 0.5
"""Voicing from which a frame counts as periodic."""

ASPECTS = ("accuracy", "fluency", "prosodic", "total")
"""What the experts rated, in the order of every array of utterance scores."""


@dataclass(frozen=True, slots=True)
class Phone:
    """One expected phone: an ARPAbet class without stress, and its stress (0, 1 or 2)."""

    name: str
    stress: int = 0


@dataclass(frozen=True, slots=True)
class ExpectedWord:
    """A word, the phones expected of it, and the recogniser's log-probability of it (0 is certain)."""

    text: str
    phones: tuple[Phone, ...]
    log_prob: float = 0.0


@dataclass(frozen=True, slots=True)
class Decoding:
    """What the recogniser said about its own reading.

    `tokens` is (n, 4), a row per token: log-probability, entropy in nats, log-probability of the best and of
    the second-best token; `words` groups those rows by word. `aligned` is (m,): token probabilities from the
    alignment pass. `score` is the mean log-probability; `no_speech` and `english` are
    probabilities, the latter 1 where the piece is too short to tell.
    """

    text: str
    tokens: Floats
    words: tuple[Floats, ...]
    aligned: Floats
    score: float
    no_speech: float
    english: float = 1.0


@dataclass(frozen=True, slots=True)
class Tracks:
    """Everything measured on one piece of speech before any text is involved.

    `states`: encoder layer -> (frames, 512). `posteriors`: (frames, 41) log-probabilities of phone classes,
    other and blank. `voice`: (windows,) speech probability. `voicing` (0-1) and `energy_db`: (frames,).
    """

    duration_s: float
    states: dict[str, Floats]
    posteriors: Floats
    voice: Floats
    voicing: Floats
    energy_db: Floats
    decoding: Decoding

    @property
    def voiced_s(self) -> float:
        """Seconds in which voice activity hears speech."""
        return float((self.voice > 0.5).sum()) * VOICE_MS / 1000


@dataclass(frozen=True, slots=True)
class Heard:
    """A piece of speech as the models hear it.

    `words` were recognised; `exact` says that each carries a log-probability of its own (a number that is
    read out as several words does not). `reference` are the given words as the recogniser sees them.
    """

    tracks: Tracks
    words: tuple[ExpectedWord, ...]
    exact: bool = True
    reference: tuple[ExpectedWord, ...] = ()


@dataclass(frozen=True, slots=True)
class RawScores:
    """Scores on the experts' scales: utterance (4,) and words 0-10, phones 0-2, in the order given.

    `spans` (n, 3) are the peak, start and end frame of each phone.
    """

    utterance: Floats
    phones: Floats
    words: Floats
    word_of_phone: Ints = field(repr=False)
    spans: Ints = field(repr=False)
