"""How an answer's words spread over the frequency bands and the CEFR levels."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.services.hybrid_analyzer.vocabulary.headwords import BANDS, LEVELS, Level

_UPPER = frozenset({"B2", "C1", "C2"})
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class FrequencyProfile:
    """Shares (0-1) of words by thousand of frequency, among the words that have a band.

    `tokens` and `types` are shares by band ("1" to "20"); bands without a word are left out. `listed_share`
    is the share of all words that have a band: names and words of other languages have none.
    """

    tokens: Mapping[str, float]
    types: Mapping[str, float]
    listed_share: float

    def types_beyond(self, band: int) -> float:
        """Return the share of types rarer than the commonest `band` thousand (Laufer & Nation 1995: 2)."""
        return round(sum((share for name, share in self.types.items() if int(name) > band), 0.0), _DIGITS)


@dataclass(frozen=True, slots=True)
class CefrProfile:
    """Shares (0-1) of content words by CEFR level, among those that have a level.

    A type is a lemma at a level: `benefit` the verb and `benefit` the noun may be two. `known_share` is the
    share of content words that have a level.
    """

    tokens: Mapping[Level, float]
    types: Mapping[Level, float]
    known_share: float

    @property
    def types_from_b2(self) -> float:
        """The share of types at B2 or above."""
        return round(sum(share for level, share in self.types.items() if level in _UPPER), _DIGITS)


def frequency_profile(lemmas: Sequence[str], bands: Sequence[int | None]) -> FrequencyProfile | None:
    """Profile words by the band of each (1-20, None where it has none); None when none has a band.

    Raises ValueError when the two differ in length.
    """
    listed = [(word, band) for word, band in zip(lemmas, bands, strict=True) if band is not None]
    if not listed:
        return None
    return FrequencyProfile(
        tokens=_by_band([band for _, band in listed]),
        types=_by_band([band for _, band in set(listed)]),
        listed_share=_share(len(listed), len(lemmas)),
    )


def cefr_profile(content: Sequence[str], levels: Sequence[Level | None]) -> CefrProfile | None:
    """Profile content lemmas by the level of each; None when none has a level.

    Raises ValueError when the two differ in length.
    """
    known = [(word, level) for word, level in zip(content, levels, strict=True) if level is not None]
    if not known:
        return None
    return CefrProfile(
        tokens=_by_level([level for _, level in known]),
        types=_by_level([level for _, level in set(known)]),
        known_share=_share(len(known), len(content)),
    )


def _by_band(bands: Sequence[int]) -> dict[str, float]:
    counts = Counter(bands)
    return {str(band): _share(counts[band], len(bands)) for band in range(1, BANDS + 1) if counts[band]}


def _by_level(levels: Sequence[Level]) -> dict[Level, float]:
    counts = Counter(levels)
    return {level: _share(counts[level], len(levels)) for level in LEVELS}


def _share(part: int, whole: int) -> float:
    return round(part / whole, _DIGITS)
