"""How varied the words are. Measures that stay comparable between answers of different length."""

from collections import Counter
from collections.abc import Sequence
from math import comb

MTLD_FACTOR = 0.72
MATTR_WINDOW = 50
HDD_SAMPLE = 42


def _mtld_one_way(words: Sequence[str], factor: float) -> float:
    factors = 0.0
    types: set[str] = set()
    count = 0
    ratio = 1.0
    for word in words:
        count += 1
        types.add(word)
        ratio = len(types) / count
        if ratio <= factor:
            factors += 1
            types.clear()
            count = 0
            ratio = 1.0
    if count:
        factors += (1 - ratio) / (1 - factor)
    return len(words) / factors if factors else float(len(words))


def mtld(words: Sequence[str], factor: float = MTLD_FACTOR) -> float:
    """Return the measure of textual lexical diversity: mean length of stretches that keep their variety.

    The mean of a forward and a backward pass (McCarthy & Jarvis 2010). A text without any repeated word
    returns its own length. Empty gives 0.
    """
    if not words:
        return 0.0
    return (_mtld_one_way(words, factor) + _mtld_one_way(words[::-1], factor)) / 2


def mattr(words: Sequence[str], window: int = MATTR_WINDOW) -> float | None:
    """Return the moving-average type-token ratio, 0-1 (Covington & McFall 2010).

    None when there are fewer words than the window.
    """
    if len(words) < window or window <= 0:
        return None
    counts = Counter(words[:window])
    total = len(counts)
    for index in range(window, len(words)):
        leaving = words[index - window]
        counts[leaving] -= 1
        if not counts[leaving]:
            del counts[leaving]
        counts[words[index]] += 1
        total += len(counts)
    return total / window / (len(words) - window + 1)


def hdd(words: Sequence[str], sample: int = HDD_SAMPLE) -> float | None:
    """Return HD-D, 0-1: the mean type-token ratio of all samples of `sample` words (McCarthy & Jarvis 2007).

    Each type adds the chance, by the hypergeometric distribution, that a sample drawn without replacement
    holds it. None when there are fewer words than a sample.
    """
    total = len(words)
    if sample <= 0 or total < sample:
        return None
    samples = comb(total, sample)
    seen = sum(1 - comb(total - count, sample) / samples for count in Counter(words).values())
    return seen / sample


def mean_types_in_window(events: Sequence[tuple[int, str]], length: int, window: int = 100) -> float | None:
    """Return how many different kinds of event a moving window of `window` words holds on average.

    `events` are (word position, kind) with positions below `length`. A window makes short and long answers
    comparable. Under half a window there is no value; between half and one the whole text is the window.
    """
    if length * 2 < window:
        return None
    last_start = max(0, length - window)
    by_kind: dict[str, list[int]] = {}
    for position, kind in events:
        by_kind.setdefault(kind, []).append(position)
    covered = 0
    for positions in by_kind.values():
        reached = -1
        for position in sorted(positions):
            first = max(0, position - window + 1, reached + 1)
            final = min(position, last_start)
            if final >= first:
                covered += final - first + 1
                reached = final
    return covered / (last_start + 1)
