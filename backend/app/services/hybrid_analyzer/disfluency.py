"""Fillers, repeats and self-repairs: what a speaker says on the way to what they mean.

What is found here is left out before parsing, so that a mistake the speaker mended is not counted as one.
"""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Literal

from app.services.hybrid_analyzer.transcript import Transcript, WordToken
from app.services.hybrid_analyzer.word_set import word_set

Kind = Literal["filler", "repeat", "repair", "lexical_filler"]
"""`lexical_filler` is a phrase like `you know`: it is read with the rest, as it is also a marker."""

_FILLER = re.compile(
    r"(?:u+h*m+|u+h+[mn]*|u+r+m*|u{2,}[mn]*|e+r+m*|er{2,}n|e+h+[mn]*|e+m+|e{2,}h*|a+h+m*|a{2,}h*"
    r"|hu{2,}m+|hum{2,}|h+m+n?|m{2,}|m+h+[mn]*|n{2,}|n+h+)$"
)
_VERB_ERR = re.compile(r"(?:to|will|may|can) err on|to err is")
_SENTENCE_END = re.compile(r"[.?!]")

_MEANT_TWICE = word_set(
    "very really so too much many more far long big no yes yeah bye ha that had well okay ok quite again "
    "never always blah la knock day night"
)
_SWAPPED_PRONOUNS = frozenset({"he", "she", "it", "they", "we", "i", "you"})
_POSSESSIVES = frozenset({"his", "her", "its", "their", "our", "my", "your"})
_ARTICLES = frozenset({"a", "an", "the"})
_SWAPPABLE = (_SWAPPED_PRONOUNS, _POSSESSIVES, _ARTICLES)
_ALSO_OBJECTS = frozenset({"you", "it", "her"})
_ANCHORS = (
    _SWAPPED_PRONOUNS
    | _POSSESSIVES
    | _ARTICLES
    | {"in", "on", "at", "to", "from", "for", "with", "of", "is", "was", "are", "were", "and", "but", "that"}
)
_IRREGULAR = (
    {"go", "goes", "went", "gone", "going"},
    {"is", "are", "was", "were", "am", "be"},
    {"have", "has", "had"},
    {"do", "does", "did"},
    {"don't", "doesn't", "didn't"},
    {"isn't", "aren't", "wasn't", "weren't"},
    {"haven't", "hasn't", "hadn't"},
    {"buy", "bought"},
    {"think", "thought"},
    {"teach", "taught"},
    {"eat", "ate"},
    {"see", "saw", "seen"},
    {"take", "took", "taken"},
    {"get", "got"},
    {"child", "children"},
    {"man", "men"},
    {"woman", "women"},
    {"person", "people"},
    {"can", "could"},
    {"will", "would"},
)
_AGREEING = frozenset(
    map(
        frozenset,
        (("is", "are"), ("was", "were"), ("has", "have"), ("don't", "doesn't"), ("isn't", "aren't")),
    )
)
_EDITING = re.compile(r"\b(?:i mean|or rather|sorry|excuse me|no wait)\b,?", re.IGNORECASE)
_LOOK_BACK = 4


@dataclass(frozen=True, slots=True)
class Disfluency:
    """A stretch that adds nothing to what is meant: characters in the text, end exclusive."""

    kind: Kind
    start: int
    end: int
    text: str


def is_filler(word: str, first_language: Set[str] = frozenset()) -> bool:
    """Say whether a word is a filled pause, in the spellings learners and transcribers use (um, urr, eee).

    `first_language` are the hesitation words, in lower case, that learners keep from it.
    """
    return _FILLER.match(word.lower()) is not None or word.lower() in first_language


def _is_verb_err(tokens: Sequence[WordToken], index: int) -> bool:
    if tokens[index].lower != "err":
        return False
    around = tokens[max(0, index - 1) : index + 2]
    return _VERB_ERR.fullmatch(" ".join(t.lower for t in around)) is not None


def _same_family(first: str, second: str) -> bool:
    """Whether two different words are forms of one word."""
    if first == second:
        return False
    if any(first in family and second in family for family in _IRREGULAR):
        return True
    short, long = sorted((first, second), key=len)
    if len(short) < 3 or len(long) - len(short) > 4:
        return False
    stem = short[:-1] if short[-1] in "ey" else short
    if long.startswith(stem):
        return long[len(stem) :] in {"s", "es", "ies", "d", "ed", "ied", "ing", "en", "e", "y", "id"}
    return False


class _Scan:
    """One walk over the words that are not fillers; collects what to leave out."""

    def __init__(self, transcript: Transcript, first_language: Set[str]) -> None:
        self._text = transcript.normal
        self._all = transcript.tokens
        self.found: list[Disfluency] = []
        self._kept: list[WordToken] = []
        for index, token in enumerate(self._all):
            if is_filler(token.text, first_language) and not _is_verb_err(self._all, index):
                self._add("filler", token.start, token.end)
            else:
                self._kept.append(token)
        self._lower = [token.lower for token in self._kept]

    def _add(self, kind: Kind, start: int, end: int) -> None:
        self.found.append(Disfluency(kind, start, end, self._text[start:end]))

    def _unbroken(self, first: int, last: int) -> bool:
        """Whether no sentence ends between the kept words `first` and `last`."""
        return _SENTENCE_END.search(self._text, self._kept[first].end, self._kept[last].start) is None

    def _word(self, index: int) -> str:
        return self._lower[index] if index < len(self._lower) else ""

    def run(self) -> tuple[Disfluency, ...]:
        index = 0
        while index < len(self._kept):
            length, kind = self._reparandum(index)
            if length and kind:
                self._add(kind, self._kept[index].start, self._kept[index + length - 1].end)
                index += length
            else:
                index += 1
        self._editing_terms()
        return tuple(sorted(self.found, key=lambda d: (d.start, d.end)))

    def _reparandum(self, index: int) -> tuple[int, Kind | None]:
        """Return how many words from `index` are said again at once, and how; (0, None) for none."""
        a, b, c, d = (self._word(index + k) for k in range(4))
        if a in {b, c, d}:
            size = self._repeated(index)
            if size:
                return size, "repeat"
        if b and self._replaces(a, b) and self._unbroken(index, index + 1):
            return 1, "repair"
        if d and a == c and a in _ANCHORS and self._unbroken(index, index + 3) and _same_family(b, d):
            return 2, "repair"
        return 0, None

    def _repeated(self, index: int) -> int:
        """Return how many words from `index` are said again at once, at most 3."""
        for size in (3, 2, 1):
            first = self._lower[index : index + size]
            again = self._lower[index + size : index + 2 * size]
            if first != again or not self._unbroken(index, index + 2 * size - 1):
                continue
            if size > 1 or (first[0] not in _MEANT_TWICE and first[0].isalpha()):
                return size
        return 0

    def _replaces(self, first: str, second: str) -> bool:
        """Whether the second of two neighbours puts the first right: `he she`, `is are`, `work works`."""
        if frozenset((first, second)) in _AGREEING or self._grown(first, second):
            return True
        if first in _ALSO_OBJECTS or second == "you":
            return False
        return any(first in group and second in group for group in _SWAPPABLE)

    @staticmethod
    def _grown(first: str, second: str) -> bool:
        """Whether the second word only adds an ending to the first: `work works`, `student students`."""
        return len(first) > 2 and second.startswith(first) and second[len(first) :] in {"s", "es", "d", "ed"}

    def _editing_terms(self) -> None:
        """Leave out `X, I mean Y` where Y begins with a word of X: the speaker says it again, better."""
        for match in _EDITING.finditer(self._text):
            before = [t for t in self._kept if t.end <= match.start()][-_LOOK_BACK:]
            after = next((t for t in self._kept if t.start >= match.end()), None)
            if after is None:
                continue
            for token in reversed(before):
                if token.lower == after.lower and not _SENTENCE_END.search(
                    self._text, token.end, match.start()
                ):
                    self._add("repair", token.start, match.end())
                    break


def find_disfluencies(
    transcript: Transcript, first_language: Set[str] = frozenset()
) -> tuple[Disfluency, ...]:
    """Return fillers, 1-3-word repeats and simple substitution repairs, in order; they may overlap.

    `first_language` are hesitation words that learners keep from their first language, in lower case.

    `very very` and the like are meant; a repeat across a sentence end is not one. Recognisers drop most
    repeats, so few found says nothing about how many there were.
    """
    return _Scan(transcript, first_language).run()
