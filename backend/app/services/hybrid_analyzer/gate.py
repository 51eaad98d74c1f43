"""Whether a hit may be shown: never on words the recogniser was unsure of or the speaker mended."""

import re
from collections.abc import Sequence

from app.services.hybrid_analyzer.transcript import Transcript

MIN_WORD_PROBABILITY = 0.5
"""Below this the recogniser is more often wrong than right, so a "mistake" there is probably its own."""

MIN_NEIGHBOUR_PROBABILITY = 0.8
"""Weak words are what recognisers lose and invent; they are judged only between clearly heard neighbours."""

MIN_CONFIDENCE = 0.6
"""Findings below this are not told to the learner."""

MEND_WITHIN = 4
"""Words after a mistake within which the better word mends it."""

_WORDS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


def heard_clearly(transcript: Transcript, start: int, end: int, *, weak_words: bool) -> float | None:
    """Return how clearly the original characters `start` to `end` were heard, or None for not clearly enough.

    That is the mean probability of the words there, 1 for a written transcript. `weak_words` asks that their
    neighbours were heard clearly too.
    """
    words = transcript.words_between(start, end)
    if not words:
        return None if transcript.words else 1.0
    if min(w.probability for w in words) < MIN_WORD_PROBABILITY:
        return None
    if weak_words:
        first, last = transcript.words.index(words[0]), transcript.words.index(words[-1])
        around = transcript.words[max(0, first - 1) : last + 2]
        if min(w.probability for w in around) < MIN_NEIGHBOUR_PROBABILITY:
            return None
    return sum(w.probability for w in words) / len(words)


def mended_later(quote: str, correction: str, following: Sequence[str]) -> bool:
    """Whether the speaker says the better word themselves within the next few words."""
    said = {w.lower() for w in _WORDS.findall(quote)}
    new = {w.lower() for w in _WORDS.findall(correction)} - said
    return any(word.lower() in new and len(word) > 3 for word in following[:MEND_WITHIN])
