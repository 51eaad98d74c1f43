"""Ratings of a reference text's phones and words, carried to the text that was recognised."""

import numpy as np

from app.services.pronunciation_engine.learned import Floats
from app.services.pronunciation_engine.learned.inventory import INDEX
from app.services.pronunciation_engine.learned.types import Ints
from app.services.pronunciation_engine.learned.vectors import Reading
from evaluation.rated_speech import Rated

SAME_WORD = 0.7
"""Share of the phones of both words that must match."""


def carried(reading: Reading, row: Rated) -> tuple[Floats, Floats]:
    """Carry ratings to the recognised phones and words that match the rated ones; NaN elsewhere.

    A recognised word takes a rating when at least 70 % of its phones and of the rated word's phones match.
    """
    expected = np.array([INDEX[phone.name] for _, phones in row.words for phone in phones])
    expected_word = np.array([at for at, (_, phones) in enumerate(row.words) for _ in phones])
    ids, word = reading.phones.ids, reading.phones.word
    count = int(word.max()) + 1
    phones = np.full(len(ids), np.nan, dtype=np.float32)
    hits = np.zeros((count, len(row.words)))
    for left, right in matches(ids, expected):
        phones[left] = row.phone_ratings[right]
        hits[word[left], expected_word[right]] += 1
    words = np.full(count, np.nan, dtype=np.float32)
    sizes, expected_sizes = np.bincount(word, minlength=count), np.bincount(expected_word)
    for at in range(count):
        best = int(hits[at].argmax())
        if hits[at, best] >= SAME_WORD * max(sizes[at], expected_sizes[best]):
            words[at] = row.word_ratings[best]
    return phones, words


def matches(left: Ints, right: Ints) -> list[tuple[int, int]]:
    """Pairs of equal symbols on a cheapest edit path (substitution 1.5, insertion and deletion 1)."""
    cost = np.zeros((len(left) + 1, len(right) + 1))
    cost[:, 0], cost[0] = np.arange(len(left) + 1), np.arange(len(right) + 1)
    for i in range(1, len(left) + 1):
        for j in range(1, len(right) + 1):
            change = cost[i - 1, j - 1] + 1.5 * (left[i - 1] != right[j - 1])
            cost[i, j] = min(cost[i - 1, j] + 1, cost[i, j - 1] + 1, change)
    found, i, j = [], len(left), len(right)
    while i and j:
        if left[i - 1] == right[j - 1] and cost[i, j] == cost[i - 1, j - 1]:
            found.append((i - 1, j - 1))
            i, j = i - 1, j - 1
        elif cost[i, j] == cost[i - 1, j] + 1:
            i -= 1
        elif cost[i, j] == cost[i, j - 1] + 1:
            j -= 1
        else:
            i, j = i - 1, j - 1
    return found
