"""Words a listener would have to guess: unsure ones, and those that two readings disagree on.

The recogniser's probability says how often words are right. A second reading without the first one's prompt
finds words that the first was wrongly sure of; how much it counts was fitted on 987 words of 134 unclear
sentences of adults (speechocean762, train split, whisper-base): of the words that must be guessed by it 24 %
are right, of the others 86 %.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from math import exp, log

from app.services.pronunciation_engine.phones import WordPhones
from app.services.speech import Word

GUESSING_VERSION = "guessing-2"
GUESS_BELOW = 0.5
ALONE = (0.0, 1.0)
"""Intercept and weight of the log-odds of the recogniser's probability, with one reading."""

TOGETHER = (0.249, 0.970, -0.873)
"""The same with two readings, and the weight of a disagreement."""

_UNREAD_GAP_MS = 6_000
"""Between two of its words this far apart a second reading may not have listened, as before its first word
and after its last: long answers are read again in part, and what was not read again is no disagreement."""

_CONTRACTION = re.compile(r"n't\b")
_SUFFIX = re.compile(r"'(\w+)")
_PUNCTUATION = '.,!?;:"…'


@dataclass(frozen=True, slots=True)
class GuessedWord:
    """A word a listener would have to guess (session ms). `heard_otherwise` is what the other reading has."""

    word: str
    start_ms: int
    end_ms: int
    chance: float
    heard_otherwise: str | None


@dataclass(frozen=True, slots=True)
class Guessing:
    """The words of one answer as two readings have them.

    `words` were judged, `compared` of them by both readings, `disagreed` read differently. `guessed` lists
    all that a listener would have to guess, in order.
    """

    words: int
    compared: int
    disagreed: int
    guessed: tuple[GuessedWord, ...]


def compare_readings(words: Sequence[Word], again: Sequence[WordPhones]) -> Guessing:
    """Judge the words that count (see `judged_words`) by a second reading, empty where there is none."""
    guessed: list[GuessedWord] = []
    others = _compared(words, again)
    for word, other in zip(words, others, strict=True):
        chance = _chance(word.probability, other)
        if chance < GUESS_BELOW:
            text = word.text.strip().strip(_PUNCTUATION)
            heard = other.text if other is not None and not other.agreed else ""
            guessed.append(GuessedWord(text, word.start_ms, word.end_ms, round(chance, 3), heard or None))
    compared = [other for other in others if other is not None]
    return Guessing(
        words=len(words),
        compared=len(compared),
        disagreed=sum(not other.agreed for other in compared),
        guessed=tuple(guessed),
    )


@dataclass(frozen=True, slots=True)
class _Other:
    """What the second reading has in a word's place."""

    agreed: bool
    text: str = ""


def _chance(probability: float, other: _Other | None) -> float:
    """Return the chance that the word was caught right, 0-1."""
    sure = min(0.99, max(0.01, probability))
    odds = log(sure / (1 - sure))
    if other is None:
        z = ALONE[0] + ALONE[1] * odds
    else:
        z = TOGETHER[0] + TOGETHER[1] * odds + TOGETHER[2] * (not other.agreed)
    return 1 / (1 + exp(-z))


def _compared(words: Sequence[Word], again: Sequence[WordPhones]) -> list[_Other | None]:
    """Return what the second reading has for each word, None where it did not listen."""
    listened = _listened(again)
    first = [(piece, at) for at, word in enumerate(words) for piece in _pieces(word.text)]
    second = [piece for word in again for piece in _pieces(word.word)]
    middles = [(word.start_ms + word.end_ms) // 2 for word in words]
    found: list[_Other | None] = [
        _Other(agreed=True) if any(start <= at <= end for start, end in listened) else None for at in middles
    ]
    matcher = SequenceMatcher(None, [piece for piece, _ in first], second, autojunk=False)
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        if kind in {"equal", "insert"}:
            continue
        instead = " ".join(second[other_start:other_end])
        for at in {at for _, at in first[start:end]}:
            if found[at] is not None:
                found[at] = _Other(agreed=False, text=instead)
    return found


def _listened(again: Sequence[WordPhones]) -> list[tuple[int, int]]:
    """Return the stretches that the second reading covers."""
    stretches: list[tuple[int, int]] = []
    for word in sorted(again, key=lambda w: w.start_ms):
        if stretches and word.start_ms <= stretches[-1][1] + _UNREAD_GAP_MS:
            stretches[-1] = (stretches[-1][0], max(stretches[-1][1], word.end_ms))
        else:
            stretches.append((word.start_ms, word.end_ms))
    return stretches


def _pieces(text: str) -> list[str]:
    """Return a word in letters alone, contractions in two: readers differ in where they join them."""
    parted = _SUFFIX.sub(r" \1", _CONTRACTION.sub(" nt", text.lower().replace("’", "'")))
    letters = ("".join(c for c in piece if c.isalpha()) for piece in parted.replace("-", " ").split())
    return [piece for piece in letters if piece]
