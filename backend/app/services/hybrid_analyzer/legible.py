"""Which characters of a text are read as English words, and what of it is not."""

import re
from collections.abc import Callable
from dataclasses import dataclass

MAX_WORDS = 3_000
"""Words of one turn that are read: ten minutes of quick speech. The rest is reported as skipped."""

MAX_CHARS = 30_000

MAX_WORD_CHARS = 60
"""A longer run without a space is no word; parsers take disproportionate time over it."""

WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['-][^\W\d_]+)*'?")

_APOSTROPHES = dict.fromkeys(map(ord, "’‘ʼʻ`´＇"), "'")
_LATIN_END = 0x250
_LATIN_EXTENDED = range(0x1E00, 0x1F00)
_KEPT_PUNCTUATION = frozenset(" .,?!;:'\"-()/%&$€£+–—…")
_JOINED_INVISIBLY = re.compile(
    r"[^\W\d_]+(?:[\u00ad\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ud800-\udfff]+"
    r"[^\W\d_]+)+"
)
_PUNCTUATION_RUN = re.compile(r"(?P<kept>(?:[^\w\s]\s*){3})(?:[^\w\s]\s*)+")


@dataclass(frozen=True, slots=True)
class Skipped:
    """What was not read.

    Words: `other_script` in other letters, or with accents and invisible marks set between their letters;
    `too_long` to be words; `over_limit` after the last that is read. Characters: `symbols` that are neither
    letters nor punctuation (emoji, control characters, lone surrogates) or punctuation piled up;
    `over_limit_chars` after the last that is read.
    """

    other_script: int = 0
    over_limit: int = 0
    too_long: int = 0
    symbols: int = 0
    over_limit_chars: int = 0


def straightened(text: str) -> str:
    """Return the text with straight apostrophes, one character for one."""
    return text.translate(_APOSTROPHES)


def legible(text: str) -> tuple[str, Skipped]:
    """Return what of `text` is read, character for character, and what was skipped.

    The result is `text` up to the limits (`MAX_WORDS`, `MAX_CHARS`, never within a word) with a space for
    every character that is not read. A word is read whole or not at all: half a word would be another word.
    """
    straight = straightened(text)
    end, over_limit = _cut(straight)
    whole, joined = _blank(straight[:end], _JOINED_INVISIBLY, lambda _word: True)
    whole, foreign = _blank(whole, WORD, lambda word: any(c.isalpha() and not _is_read(c) for c in word))
    whole, too_long = _blank(whole, WORD, lambda word: len(word) > MAX_WORD_CHARS)
    symbols = sum(not _is_read(c) and not c.isspace() for c in whole)
    shown = "".join(c if _is_read(c) else " " for c in whole)
    kept = _PUNCTUATION_RUN.sub(lambda m: m["kept"] + " " * (m.end() - m.end("kept")), shown)
    symbols += sum(a != b for a, b in zip(shown, kept, strict=True))
    return kept, Skipped(joined + foreign, over_limit, too_long, symbols, len(text) - end)


def _is_read(char: str) -> bool:
    code = ord(char)
    if char.isalpha():
        return code < _LATIN_END or code in _LATIN_EXTENDED
    return char in _KEPT_PUNCTUATION or (char.isdigit() and char.isascii())


def _cut(text: str) -> tuple[int, int]:
    """Return where the part that is read ends, and how many words come after it."""
    end = min(len(text), MAX_CHARS)
    beyond = 0
    for number, match in enumerate(WORD.finditer(text)):
        if number >= MAX_WORDS or match.end() > MAX_CHARS:
            end = min(end, match.start())
            beyond += 1
    return end, beyond


def _blank(text: str, pattern: re.Pattern[str], unread: Callable[[str], bool]) -> tuple[str, int]:
    """Put spaces for the matches that are not read; return the text and how many there were."""
    count = 0

    def replaced(match: re.Match[str]) -> str:
        nonlocal count
        if not unread(match.group()):
            return match.group()
        count += 1
        return " " * len(match.group())

    return pattern.sub(replaced, text), count
