"""The words of an answer as meant: their lemmas, how common each is, and which of them carry meaning."""

import re
from bisect import bisect_right
from dataclasses import dataclass

from app.services.hybrid_analyzer.reading import Reading
from app.services.hybrid_analyzer.vocabulary import Level, headwords

_CONTENT = frozenset({"NOUN", "VERB", "ADJ", "ADV"})
_UNBANDED = frozenset({"PROPN", "NUM"})
_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['-][^\W\d_]+)*'?")


@dataclass(frozen=True, slots=True)
class MeantWords:
    """Lower-case lemmas in order, each with its thousand of frequency (1-20, None for names, numbers and
    what is no headword), and the content words among them, each with its CEFR level where it has one.

    `texts` are the words as they stand in the clean text, `starts` their first characters.
    """

    texts: tuple[str, ...]
    starts: tuple[int, ...]
    lemmas: tuple[str, ...]
    bands: tuple[int | None, ...]
    content: tuple[str, ...]
    levels: tuple[Level | None, ...]


def meant_words(reading: Reading) -> MeantWords:
    """Return the words of a clean, parsed text; `don't` is one word, with the lemma of its first part.

    Where the parser found nothing there are no words to say anything about.
    """
    known = headwords()
    token_starts = [t.start for t in reading]
    found = list(_WORD.finditer(reading.text)) if reading.tokens else []
    texts, starts = tuple(m.group() for m in found), tuple(m.start() for m in found)
    lemmas: list[str] = []
    bands: list[int | None] = []
    content: list[str] = []
    levels: list[Level | None] = []
    for start in starts:
        token = reading.tokens[max(0, bisect_right(token_starts, start) - 1)]
        lemma = (token.lemma or token.text).lower()
        lemmas.append(lemma)
        bands.append(None if token.pos in _UNBANDED else known.band(lemma, token.lower))
        if token.pos in _CONTENT and lemma.isalpha():
            content.append(lemma)
            levels.append(known.level(lemma, token.pos))
    return MeantWords(texts, starts, tuple(lemmas), tuple(bands), tuple(content), tuple(levels))
