"""What it takes to know when each sound was said: a port to a forced aligner, and its plain result."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.services.pronunciation_engine.phones import VOWELS


class AlignmentFailed(Exception):
    """The words cannot be laid over the sound; what needs their exact times is not measurable."""


@dataclass(frozen=True, slots=True)
class AlignedPhone:
    """A phone as a dictionary expects it (IPA, in the spelling of `plain_phone`) and where it was said."""

    phone: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class AlignedWord:
    """One of the given words by its index, with its phones.

    `stress` has one digit a vowel, 1 for the primary stress, 2 secondary, 0 none; empty where dictionaries
    disagree or do not say.
    """

    index: int
    start_ms: int
    end_ms: int
    phones: tuple[AlignedPhone, ...]
    stress: tuple[int, ...] = ()

    @property
    def vowels(self) -> tuple[AlignedPhone, ...]:
        """The vowels, in order."""
        return tuple(p for p in self.phones if p.phone in VOWELS)


class Aligner(Protocol):
    """Lays words over sound. Blocks; may be called from any thread; the same input gives the same times."""

    def align(self, pcm: bytes, words: Sequence[str]) -> tuple[AlignedWord, ...]:
        """Align recognised words with 16 kHz mono PCM16 of at most 30 s; times count from its first sample.

        Words without any sound to look for are left out. Raises AlignmentFailed.
        """
        ...
