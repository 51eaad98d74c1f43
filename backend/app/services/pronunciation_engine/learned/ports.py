"""What the learned scores need from models; an adapter provides it."""

from collections.abc import Sequence
from typing import Protocol

from app.services.pronunciation_engine.learned.steps import Steps
from app.services.pronunciation_engine.learned.types import ExpectedWord, Floats, Heard, Phone

LONGEST_S = 29.0
"""Ears hear at most this much at once."""

Reference = Sequence[tuple[str, tuple[Phone, ...]]]
"""The words of a known text with the phones expected of each."""


class Ears(Protocol):
    """The models that listen: recogniser states, phone posteriors, voice activity, lexicon.

    Every step blocks for up to a second; all are deterministic and may be taken on any thread.
    """

    def hear(self, samples: Floats, reference: Reference = ()) -> Steps[Heard]:
        """Listen to 0.1 to 29 s of 16 kHz mono samples in -1 to 1, and to how well `reference` fits them."""
        ...

    def pronounce(self, text: str) -> tuple[ExpectedWord, ...]:
        """Return the words of `text` as a dictionary pronounces them; () for text without words."""
        ...
