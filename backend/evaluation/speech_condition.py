"""Written learner text as a recogniser would have written it, with its annotation carried along.

Spelling is corrected, letters are lower case, punctuation is gone, and clitics that tokenisation split off
(`do n't`, `i m`) are whole words again. An edit that changes nothing but these is no edit any more.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.services.hybrid_analyzer.word_set import word_set
from evaluation.m2 import M2Edit, M2Sentence

CONDITION = (
    "speech: annotated spelling applied; lower case; punctuation removed (apostrophes inside words kept); "
    "edits of punctuation, orthography, spacing and spelling dropped from both sides"
)

_NOT_SOUND = re.compile(r"[\W_]+")
_BETWEEN_WORDS = re.compile(r"[^\w']+|_+")
_ADDRESS = re.compile(r"https?:|www\.|://")
_PERSONS = frozenset({"i", "you", "we", "they", "he", "she", "it", "that", "there", "who", "what"})
_HOSTS = {
    "nt": word_set("do does did is are was were have has had wo ca could would should must need"),
    "m": frozenset({"i"}),
    "re": _PERSONS,
    "ve": _PERSONS | {"could", "would", "should", "might", "must"},
    "ll": _PERSONS,
    "d": _PERSONS,
}
_CLITICS = frozenset({"n't", "'s", "'m", "'re", "'ve", "'ll", "'d", "'"})
_ANY_HOST = "s"
_SPELLING = "SPELL"


@dataclass(frozen=True, slots=True)
class Edit:
    """Words `start` (inclusive) to `end` (exclusive) become `correction`; as short as it can be.

    Words are compared as they sound: lower case, nothing but letters and digits.
    """

    start: int
    end: int
    correction: tuple[str, ...]
    category: str = ""

    def same(self, other: "Edit") -> bool:
        """Whether both change the same words into the same words."""
        return (self.start, self.end, self.correction) == (other.start, other.end, other.correction)

    def overlaps(self, other: "Edit") -> bool:
        """Whether both touch a common word, or an insertion of one lies inside or beside the other."""
        if self.start == self.end or other.start == other.end:
            return self.start <= other.end and other.start <= self.end
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class SpokenSentence:
    """`words` as heard, and the edits of each annotator in words."""

    words: tuple[str, ...]
    annotators: tuple[tuple[Edit, ...], ...]

    @property
    def text(self) -> str:
        """The sentence as the analyzer gets it."""
        return " ".join(self.words)

    def edit(self, char_start: int, char_end: int, correction: str, category: str) -> Edit | None:
        """Return a change of characters of `text` as a change of words, None where nothing heard changes."""
        touched: list[tuple[int, int, int]] = []
        at = 0
        for index, word in enumerate(self.words):
            if at < char_end and at + len(word) > char_start:
                touched.append((index, at, at + len(word)))
            at += len(word) + 1
        if not touched:
            return None
        first, last = touched[0], touched[-1]
        new = self.text[first[1] : char_start] + correction + self.text[char_end : last[2]]
        return minimal(self.words, first[0], last[0] + 1, heard(new.split()), category)


def sound(word: str) -> str:
    """Return what of a word can be heard: lower-case letters and digits."""
    return _NOT_SOUND.sub("", word.lower())


def minimal(
    words: Sequence[str], start: int, end: int, correction: Sequence[str], category: str
) -> Edit | None:
    """Return the edit without the words it leaves alone at its ends; None when nothing is left of it."""
    old = [sound(w) for w in words[start:end]]
    new = [s for w in correction if (s := sound(w))]
    while old and new and old[0] == new[0]:
        del old[0], new[0]
        start += 1
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    if "".join(old) == "".join(new):
        return None
    return Edit(start, start + len(old), tuple(new), category)


def _clitic(token: str, host: str) -> str | None:
    """Return what `token` adds to the word before it, None when it is a word of its own."""
    low = token.lower().replace("’", "'")
    if low in _CLITICS:
        return low
    if low == _ANY_HOST and host.isalpha():
        return "'s"
    if host in _HOSTS.get(low, ()):
        return "n't" if low == "nt" else f"'{low}"
    return None


def _pieces(tokens: Sequence[str]) -> list[list[str]]:
    """Return, for each token, the words it starts; a clitic starts none and grows the word before it."""
    result: list[list[str]] = []
    holder: list[str] | None = None
    for token in tokens:
        clitic = _clitic(token, holder[-1]) if holder else None
        if clitic is not None and holder:
            holder[-1] += clitic
            result.append([])
            continue
        plain = _BETWEEN_WORDS.sub(" ", token.lower().replace("’", "'"))
        found = [] if _ADDRESS.search(token) else [w for p in plain.split() if (w := p.strip("'"))]
        result.append(found)
        if found:
            holder = found
    return result


def heard(tokens: Sequence[str]) -> list[str]:
    """Return tokens as heard words."""
    return [word for piece in _pieces(tokens) for word in piece]


def _squash(tokens: Sequence[str]) -> str:
    return sound("".join(tokens))


def _inaudible(edit: M2Edit, tokens: Sequence[str]) -> bool:
    """Whether an edit is one of writing: spelling, or the same letters otherwise spaced or marked."""
    if edit.category.endswith(_SPELLING):
        return True
    return _squash(tokens[edit.start : edit.end]) == _squash(edit.correction.split())


def _written_right(sentence: M2Sentence) -> tuple[M2Edit, ...]:
    """Return the edits of writing to apply; where annotators differ, the first one's stand."""
    chosen: list[M2Edit] = []
    for edits in sentence.annotators:
        for edit in edits:
            free = all(edit.end <= c.start or edit.start >= c.end for c in chosen)
            if free and edit.start < edit.end and _inaudible(edit, sentence.tokens):
                chosen.append(edit)
    return tuple(sorted(chosen, key=lambda e: e.start))


class _Alignment:
    """Written tokens, spelled right, and the heard words that each of them shares in."""

    def __init__(self, sentence: M2Sentence) -> None:
        slots: list[list[str]] = [[t] for t in sentence.tokens]
        for edit in _written_right(sentence):
            slots[edit.start] = edit.correction.split()
            for index in range(edit.start + 1, edit.end):
                slots[index] = []
        flat = [(index, token) for index, slot in enumerate(slots) for token in slot]
        self._sentence = sentence
        self._origin = [index for index, _ in flat]
        self._tokens = [token for _, token in flat]
        self._covers: list[tuple[int, int]] = []
        self.words: list[str] = []
        for piece in _pieces(self._tokens):
            shared = len(self.words) - 1 if not piece and self.words else len(self.words)
            self.words.extend(piece)
            self._covers.append((shared, len(self.words)))

    def edit(self, edit: M2Edit) -> Edit | None:
        """Return an annotator's edit in heard words, None for one of writing only."""
        if _inaudible(edit, self._sentence.tokens):
            return None
        before = [k for k, index in enumerate(self._origin) if index < edit.start]
        inside = [k for k, index in enumerate(self._origin) if edit.start <= index < edit.end]
        first = self._covers[inside[0]][0] if inside else self._covers[before[-1]][1] if before else 0
        last = max(first, self._covers[inside[-1]][1]) if inside else first
        if edit.correction.startswith("'") and before and first == self._covers[before[-1]][1] > 0:
            first -= 1  # an inserted clitic changes the word that it joins
        # The host of a clitic, or its clitic, stays as it is when only the other one is edited.
        left = [k for k in before if self._covers[k][1] > first]
        right = [k for k, index in enumerate(self._origin) if index >= edit.end and self._covers[k][0] < last]
        kept = [self._tokens[k] for k in left], [self._tokens[k] for k in right]
        new = [*kept[0], *edit.correction.split(), *kept[1]]
        return minimal(self.words, first, last, heard(new), edit.category)


def as_speech(sentence: M2Sentence) -> SpokenSentence:
    """Put a sentence and its annotation into the speech condition."""
    aligned = _Alignment(sentence)
    annotators = tuple(
        tuple(found for edit in edits if (found := aligned.edit(edit))) for edits in sentence.annotators
    )
    return SpokenSentence(tuple(aligned.words), annotators)
