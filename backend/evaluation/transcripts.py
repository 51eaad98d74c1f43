"""Recognised words held against what was said: word error rate, kept fillers, worth of the confidence."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.adapters.local_speech.second_thoughts import FILLERS
from app.services.speech import Word

RESAMPLES = 1_000

_WORD = re.compile(r"\d+|[^\W\d_]+(?:'[^\W\d_]+)*")
_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


@dataclass(frozen=True, slots=True)
class Compared:
    """One recording: words said, errors, fillers said and kept, (probability, right) of words heard."""

    words: int
    errors: int
    fillers: int
    kept: int
    judged: tuple[tuple[float, bool], ...]


def plain_words(text: str) -> list[str]:
    """Return the words in lower case, without punctuation, numbers below a hundred written out.

    Longer numbers are read digit by digit.
    """
    found: list[str] = []
    for word in _WORD.findall(text.lower().replace("’", "'")):
        found += _spelled(word) if word.isdecimal() else [word]
    return found


def compare(text: str, heard: Sequence[Word]) -> Compared:
    """Hold the words `heard` against `text` on a cheapest edit path."""
    said = plain_words(text)
    recognised = [(part, word.probability) for word in heard for part in plain_words(word.text)]
    errors, pairs = _path(said, [word for word, _ in recognised])
    right = {j for i, j in pairs if said[i] == recognised[j][0]}
    kept = sum(said[i] in FILLERS and recognised[j][0] in FILLERS for i, j in pairs)
    return Compared(
        words=len(said),
        errors=errors,
        fillers=sum(word in FILLERS for word in said),
        kept=kept,
        judged=tuple((p, j in right) for j, (_, p) in enumerate(recognised)),
    )


def figures(found: Sequence[Compared]) -> dict[str, Any]:
    """Return the figures over all recordings; None where nothing supports one.

    `wer` is errors per word said, `wer_ci` its 95 % interval over resampled recordings, `wer_mean` the mean
    over recordings. `confidence_auc` is the chance that a right word has a higher probability than a wrong
    one.
    """
    words, errors = np.array([c.words for c in found]), np.array([c.errors for c in found])
    fillers = sum(c.fillers for c in found)
    spoken = words > 0
    return {
        "wer": _rate(errors.sum(), words.sum()),
        "wer_ci": _interval(words, errors),
        "wer_mean": round(float((errors[spoken] / words[spoken]).mean()), 4) if spoken.any() else None,
        "words": int(words.sum()),
        "fillers_kept": _rate(sum(c.kept for c in found), fillers),
        "fillers": fillers,
        "confidence_auc": _auc([pair for c in found for pair in c.judged]),
    }


def _spelled(digits: str) -> list[str]:
    value = int(digits)
    if len(digits) > 2 or digits != str(value):
        return [_ONES[int(digit)] for digit in digits]
    if value < len(_ONES):
        return [_ONES[value]]
    return [_TENS[value // 10], *([_ONES[value % 10]] if value % 10 else [])]


def _path(left: Sequence[str], right: Sequence[str]) -> tuple[int, list[tuple[int, int]]]:
    """Return the edit distance, and the pairs (kept or substituted) of one cheapest path."""
    cost = np.zeros((len(left) + 1, len(right) + 1), dtype=np.int64)
    cost[:, 0], cost[0] = np.arange(len(left) + 1), np.arange(len(right) + 1)
    for i, word in enumerate(left, 1):
        for j, other in enumerate(right, 1):
            cost[i, j] = min(cost[i - 1, j] + 1, cost[i, j - 1] + 1, cost[i - 1, j - 1] + (word != other))
    pairs: list[tuple[int, int]] = []
    i, j = len(left), len(right)
    while i and j:
        if cost[i, j] == cost[i - 1, j - 1] + (left[i - 1] != right[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif cost[i, j] == cost[i - 1, j] + 1:
            i -= 1
        else:
            j -= 1
    return int(cost[-1, -1]), pairs


def _rate(part: float, whole: float) -> float | None:
    return round(float(part / whole), 4) if whole else None


def _interval(words: Any, errors: Any) -> list[float] | None:
    if not words.sum():
        return None
    drawn = np.random.default_rng(0).integers(0, len(words), (RESAMPLES, len(words)))
    rates = errors[drawn].sum(axis=1) / np.maximum(words[drawn].sum(axis=1), 1)
    return [round(float(edge), 4) for edge in np.percentile(rates, [2.5, 97.5])]


def _auc(judged: Sequence[tuple[float, bool]]) -> float | None:
    """Area under the receiver operating characteristic, by the Mann-Whitney statistic."""
    right = np.array([p for p, is_right in judged if is_right])
    wrong = np.sort([p for p, is_right in judged if not is_right])
    if not len(right) or not len(wrong):
        return None
    below = np.searchsorted(wrong, right, "left") + np.searchsorted(wrong, right, "right")
    return round(float(below.sum() / 2 / len(right) / len(wrong)), 4)
