"""A turn's text made ready for reading, with a way back to its characters and word times.

Normalising keeps every character in its place (one for one), so that a position in the normalised text is a
position in the original.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from app.services.hybrid_analyzer.legible import WORD, Skipped, legible, straightened
from app.services.speech import Word


@dataclass(frozen=True, slots=True)
class WordToken:
    """A word of the text: its characters, and the recognised word it belongs to (an index, or None)."""

    text: str
    start: int
    end: int
    word: int | None

    @property
    def lower(self) -> str:
        """The word in lower case."""
        return self.text.lower()


@dataclass(frozen=True, slots=True)
class Transcript:
    """`text` as given, `normal` with the same length, and the words in it with their recognised words."""

    text: str
    normal: str
    tokens: tuple[WordToken, ...]
    words: tuple[Word, ...]
    skipped: Skipped

    def words_between(self, start: int, end: int) -> tuple[Word, ...]:
        """Return the recognised words that share characters with `start` (inclusive) to `end` (exclusive)."""
        low = bisect_left(self.tokens, start + 1, key=lambda t: t.end)
        found: list[int] = []
        for token in self.tokens[low:]:
            if token.start >= end:
                break
            if token.word is not None and token.word not in found:
                found.append(token.word)
        return tuple(self.words[i] for i in found)

    def times(self, start: int, end: int) -> tuple[int, int] | tuple[None, None]:
        """Return first start and last end (session ms) of the words between two characters, where known."""
        words = self.words_between(start, end)
        if not words:
            return None, None
        return words[0].start_ms, words[-1].end_ms


def _unshout(text: str) -> str:
    """Lower a text written in capitals only, one character for one."""
    letters = [c for c in text if c.isalpha()]
    if len(letters) < 4 or sum(c.isupper() for c in letters) * 2 <= len(letters):
        return text
    return "".join(low if len(low := c.lower()) == 1 else c for c in text)


def _align(text: str, tokens: Sequence[tuple[int, int]], words: Sequence[Word]) -> list[int | None]:
    """Pair each token with the recognised word that covers it, by reading both in order.

    A word is looked for a little ahead only, so that one that is missing from the text costs nothing.
    """
    spans: list[tuple[int, int, int]] = []
    lowered = text.lower() if len(text.lower()) == len(text) else text
    cursor = 0
    for index, word in enumerate(words):
        needle = straightened(word.text.strip()).lower()
        if not needle:
            continue
        at = lowered.find(needle, cursor, cursor + 80 + len(needle))
        if at >= 0:
            spans.append((at, at + len(needle), index))
            cursor = at + len(needle)
    paired: list[int | None] = []
    position = 0
    for start, end in tokens:
        while position < len(spans) and spans[position][1] <= start:
            position += 1
        inside = position < len(spans) and spans[position][0] < end
        paired.append(spans[position][2] if inside else None)
    return paired


def read_transcript(text: str, words: Sequence[Word] = ()) -> Transcript:
    """Normalise a turn's text and pair it with its recognised words.

    Curly apostrophes become straight; control characters, emoji and letters of other scripts become spaces;
    text all in capitals is lowered. `words` may be empty (a transcript without times).
    """
    shown, skipped = legible(text)
    normal = _unshout(shown)
    spans = [(m.start(), m.end()) for m in WORD.finditer(normal)]
    paired = _align(normal, spans, words)
    tokens = tuple(
        WordToken(normal[start:end], start, end, word)
        for (start, end), word in zip(spans, paired, strict=True)
    )
    return Transcript(text, normal, tokens, tuple(words), skipped)
