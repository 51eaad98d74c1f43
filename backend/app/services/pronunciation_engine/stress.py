"""Which syllable of a word carries the stress, as heard: it is longer, louder and higher than the others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.services.pronunciation_engine.acoustics import HOP_MS, Acoustics, centre_ms
from app.services.pronunciation_engine.alignment import AlignedPhone, AlignedWord

MIN_LONGER = 0.2
"""Natural logarithm of the ratio of lengths: about a fifth longer."""

MIN_LOUDER_DB = 3.0
MIN_HIGHER_ST = 1.0


@dataclass(frozen=True, slots=True)
class WordStress:
    """A word of two or more syllables: which of them should be stressed and which was heard (from 0).

    `heard` is None where the signs disagree. Another syllable than the expected one is named only when it is
    clearly longer, louder and higher than that one.
    """

    word: str
    start_ms: int
    end_ms: int
    expected: int
    heard: int | None


def measure_stress(
    acoustics: Acoustics, words: Sequence[AlignedWord], texts: Sequence[str]
) -> tuple[WordStress, ...]:
    """Judge aligned words on the acoustics' clock whose stress a dictionary knows; others are left out.

    `texts` are the recognised words that `AlignedWord.index` counts in.
    """
    found: list[WordStress] = []
    for word in words:
        vowels = word.vowels
        if len(vowels) < 2 or len(word.stress) != len(vowels) or word.stress.count(1) != 1:
            continue
        cues = _cues(acoustics, vowels)
        if cues is not None:
            expected = word.stress.index(1)
            heard = _heard(cues, expected)
            found.append(WordStress(texts[word.index], word.start_ms, word.end_ms, expected, heard))
    return tuple(found)


def _heard(cues: NDArray[np.float64], expected: int) -> int | None:
    lead = cues - cues[expected]
    moved = np.flatnonzero((lead > [MIN_LONGER, MIN_LOUDER_DB, MIN_HIGHER_ST]).all(axis=1))
    if moved.size:
        return int(moved[np.argmax(lead[moved, 1])])
    others = np.delete(lead, expected, axis=0)
    return expected if bool(((others < 0).sum(axis=1) >= 2).all()) else None


def _cues(acoustics: Acoustics, vowels: Sequence[AlignedPhone]) -> NDArray[np.float64] | None:
    """Return log length, level in dB and pitch in semitones of each vowel; None where one has no pitch."""
    rows: list[tuple[float, float, float]] = []
    for vowel in vowels:
        first = max(0, (vowel.start_ms - centre_ms(0)) // HOP_MS)
        last = max(first + 1, (vowel.end_ms - centre_ms(0)) // HOP_MS)
        hertz = acoustics.pitch_hz[first:last]
        voiced = hertz[hertz > 0]
        if not voiced.size:
            return None
        length = float(np.log(vowel.end_ms - vowel.start_ms))
        level = float(acoustics.sonorant_db[first:last].max())
        rows.append((length, level, 12 * float(np.log2(np.median(voiced)))))
    return np.array(rows)
