"""The list of headwords: the thousand a word belongs to, and its level."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

Level = Literal["A1", "A2", "B1", "B2", "C1", "C2"]
LEVELS: tuple[Level, ...] = get_args(Level)

BAND_SIZE = 1_000
BANDS = 20

_PARTS_OF_SPEECH = {"NOUN": 0, "VERB": 1, "ADJ": 2, "ADV": 3}
_NO_LEVEL = "-"


@dataclass(frozen=True, slots=True)
class _Entry:
    band: int
    levels: str


class Headwords:
    """A list of headwords by frequency. Immutable."""

    __slots__ = ("_entries",)

    def __init__(self, rows: Iterable[tuple[str, str]]) -> None:
        """Take (headword, levels) by thousands; `levels` is `-`, one digit, or four by part of speech."""
        self._entries: Mapping[str, _Entry] = {
            word: _Entry(number // BAND_SIZE + 1, levels) for number, (word, levels) in enumerate(rows)
        }

    def band(self, *forms: str) -> int | None:
        """Return the thousand (1 is the commonest) of the commonest of a word's `forms`, in lower case.

        None for what is not among the headwords: names, other languages, and the rarest words.
        """
        return min((e.band for f in forms if (e := self._entries.get(f))), default=None)

    def level(self, lemma: str, pos: str) -> Level | None:
        """Return the CEFR level of a lower-case lemma used as a universal part of speech, None if unknown."""
        entry = self._entries.get(lemma)
        if entry is None or entry.levels == _NO_LEVEL or pos not in _PARTS_OF_SPEECH:
            return None
        one_for_all = len(entry.levels) == 1
        return LEVELS[int(entry.levels[0 if one_for_all else _PARTS_OF_SPEECH[pos]]) - 1]


@cache
def headwords() -> Headwords:
    """Return the list that comes with the product; reading it takes about 20 ms, once."""
    text = Path(__file__).with_name("headwords.tsv").read_text(encoding="utf-8")
    return Headwords((word, levels) for word, levels in (line.split("\t") for line in text.splitlines()))
