"""Rhythm: how much the lengths of vowels vary. English alternates long and short ones; many languages less.

Definitions: nPVI-V (Grabe & Low 2002) compares each vowel with the next one; VarcoV (Dellwo 2006; White &
Mattys 2007) is the standard deviation over the mean. Both are in percent and leave speech rate out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, pstdev

from app.services.pronunciation_engine.alignment import AlignedPhone, AlignedWord

MIN_VOWELS = 20
MIN_PAIRS = 15


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Sums over the vowels of one answer, kept so that several answers can be judged together.

    `durations_ms` are the vowels' lengths in order; `pairs` the neighbours among them that no pause parts,
    by the index of the first.
    """

    durations_ms: tuple[int, ...]
    pairs: tuple[int, ...]


def measure_rhythm(words: Sequence[AlignedWord], pauses: Sequence[tuple[int, int]]) -> Rhythm | None:
    """Collect the vowels of aligned words (in order of time); None without any.

    `pauses` are silences (start, end) on the same clock. The last vowel before a pause, and of the answer,
    is left out: it is drawn out in every language.
    """
    vowels = [v for w in words for v in w.vowels]
    kept = [v for v, following in pairwise(vowels) if not _parted(v, following, pauses)]
    if not kept:
        return None
    starts = {v.start_ms: i for i, v in enumerate(vowels)}
    pairs = tuple(
        i for i, (a, b) in enumerate(pairwise(kept)) if starts[b.start_ms] == starts[a.start_ms] + 1
    )
    return Rhythm(tuple(v.end_ms - v.start_ms for v in kept), pairs)


def npvi_v(rhythms: Sequence[Rhythm]) -> float | None:
    """Return nPVI-V in percent over several answers, None with fewer than fifteen pairs of vowels."""
    differences = [
        abs(r.durations_ms[i] - r.durations_ms[i + 1]) / ((r.durations_ms[i] + r.durations_ms[i + 1]) / 2)
        for r in rhythms
        for i in r.pairs
    ]
    return round(100 * fmean(differences), 1) if len(differences) >= MIN_PAIRS else None


def varco_v(rhythms: Sequence[Rhythm]) -> float | None:
    """Return VarcoV in percent over several answers, None with fewer than twenty vowels."""
    durations = [d for r in rhythms for d in r.durations_ms]
    return round(100 * pstdev(durations) / fmean(durations), 1) if len(durations) >= MIN_VOWELS else None


def _parted(first: AlignedPhone, second: AlignedPhone, pauses: Sequence[tuple[int, int]]) -> bool:
    return any(start < second.start_ms and end > first.end_ms for start, end in pauses)
