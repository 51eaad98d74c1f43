"""Whether a hit may be shown: never on words the recogniser was unsure of or the speaker mended."""

import re
from collections.abc import Sequence

from app.services.hybrid_analyzer.rules.base import Rule
from app.services.hybrid_analyzer.transcript import Transcript

MIN_WORD_PROBABILITY = 0.5
"""Below this the recogniser is more often wrong than right, so a "mistake" there is probably its own."""

MIN_NEIGHBOUR_PROBABILITY = 0.8
"""Weak words are what recognisers lose and invent; they are judged only between clearly heard neighbours."""

MIN_CONFIDENCE = 0.6
"""Findings below this are not told to the learner."""

_AHEAD = 4
_WORDS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


def heard_confidence(rule: Rule, transcript: Transcript, start: int, end: int) -> float | None:
    """Return the confidence of a hit on the original characters `start` to `end`, or None to drop it.

    That is the rule's own confidence times the mean probability of the words it quotes. Words without
    probabilities (a written transcript) leave the rule's confidence as it is.
    """
    words = transcript.words_between(start, end)
    if not words:
        return rule.confidence if not transcript.words else None
    if min(w.probability for w in words) < MIN_WORD_PROBABILITY:
        return None
    if rule.function_words and rule.severity == "low":
        first, last = transcript.words.index(words[0]), transcript.words.index(words[-1])
        around = transcript.words[max(0, first - 1) : last + 2]
        if min(w.probability for w in around) < MIN_NEIGHBOUR_PROBABILITY:
            return None
    confidence = rule.confidence * sum(w.probability for w in words) / len(words)
    return round(confidence, 3) if confidence >= MIN_CONFIDENCE else None


def mended_later(quote: str, correction: str, following: Sequence[str]) -> bool:
    """Whether the speaker says the better word themselves within the next few words."""
    said = {w.lower() for w in _WORDS.findall(quote)}
    new = {w.lower() for w in _WORDS.findall(correction)} - said
    return any(word.lower() in new and len(word) > 3 for word in following[:_AHEAD])
