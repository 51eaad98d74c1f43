"""How well a listener would catch the words, judged by how sure the recogniser was of each.

Word probability tells right from wrong words with an AUC of about .9; it says nothing about accent as such.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median

from app.services.speech import Word

UNCLEAR_BELOW = 0.5
UNCLEAR_MARGIN = 0.3
"""Around UNCLEAR_BELOW a word counts in part: another reading of it would move its probability, too."""

MAX_LISTED = 12
_PUNCTUATION = '.,!?;:"…'


@dataclass(frozen=True, slots=True)
class UnclearWord:
    """A word the recogniser was unsure of, with its place in the recording (session ms)."""

    word: str
    start_ms: int
    end_ms: int
    probability: float


@dataclass(frozen=True, slots=True)
class Intelligibility:
    """`median_probability` and `unclear_share` are 0-1, as heard, None without words; `words` were judged."""

    words: int
    median_probability: float | None
    unclear_share: float | None
    unclear: tuple[UnclearWord, ...]


def judged_words(words: Sequence[Word], fillers: Sequence[int] = ()) -> tuple[Word, ...]:
    """Return the words whose clarity counts: not fillers, and with at least one letter."""
    skip = frozenset(fillers)
    return tuple(w for i, w in enumerate(words) if i not in skip and any(c.isalpha() for c in w.text))


def intelligibility(words: Sequence[Word]) -> Intelligibility:
    """Summarise word probabilities; the least clear words come first in `unclear`, at most twelve."""
    if not words:
        return Intelligibility(0, None, None, ())
    low = sorted(
        (w for w in words if w.probability < UNCLEAR_BELOW), key=lambda w: (w.probability, w.start_ms)
    )
    listed = tuple(
        UnclearWord(w.text.strip().strip(_PUNCTUATION), w.start_ms, w.end_ms, round(w.probability, 3))
        for w in low[:MAX_LISTED]
    )
    return Intelligibility(
        words=len(words),
        median_probability=round(median(w.probability for w in words), 3),
        unclear_share=round(len(low) / len(words), 4),
        unclear=listed,
    )


def likely_unclear(probabilities: Sequence[float]) -> float:
    """Return the likely share of unclear words, 0-1. Raises statistics.StatisticsError for none.

    A word counts in full where its probability is UNCLEAR_MARGIN below UNCLEAR_BELOW, not at all where it is
    as far above, and in proportion between.
    """
    above = UNCLEAR_BELOW + UNCLEAR_MARGIN
    return mean(min(1.0, max(0.0, (above - p) / (2 * UNCLEAR_MARGIN))) for p in probabilities)
