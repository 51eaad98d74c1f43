"""Words of an answer in a form in which two ways of writing the same thing are the same."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from app.services.training_engine.drills.types import Target

_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)*")
_IS = frozenset(("he", "she", "it", "that", "this", "there", "what", "who", "where", "how", "here"))
_NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
_SHORT = {"can't": ("can", "not"), "won't": ("will", "not"), "let's": ("let", "us"), "cannot": ("can", "not")}
_ENDINGS = {"n't": "not", "'m": "am", "'re": "are", "'ve": "have", "'ll": "will", "'d": "would"}


def normal_words(text: str) -> tuple[str, ...]:
    """Return the words in lower case, contractions taken apart and small numbers written out."""
    found: list[str] = []
    for word in _WORD.findall(text.lower().replace("’", "'")):
        found.extend(_parts(word))
    return tuple(found)


def _parts(word: str) -> tuple[str, ...]:
    if word in _SHORT:
        return _SHORT[word]
    if word.isdecimal() and int(word) < len(_NUMBERS):
        return (_NUMBERS[int(word)],)
    for ending, whole in _ENDINGS.items():
        if word.endswith(ending) and word != ending:
            return word.removesuffix(ending), whole
    if word.endswith("'s") and word.removesuffix("'s") in _IS:
        return word.removesuffix("'s"), "is"
    return (word,)


def target_at(text: str, start: int, length: int) -> Target:
    """Return the words of `text` that lie within `length` characters from `start`, with their neighbours."""
    before, core, after = text[:start], text[start : start + length], text[start + length :]
    left, right = normal_words(before), normal_words(after)
    return Target(normal_words(core), left[-1] if left else "", right[0] if right else "")


def narrowed(target: Target, other: Target) -> Target:
    """Return the target without the words at its edges that `other` has too; they become neighbours."""
    core, rival, left, right = list(target.core), list(other.core), target.left, target.right
    while core and rival and core[0] == rival[0]:
        left = core.pop(0)
        rival.pop(0)
    while core and rival and core[-1] == rival[-1]:
        right = core.pop()
        rival.pop()
    return Target(tuple(core), left, right)


def place_of(words: Sequence[str], target: Target) -> int | None:
    """Return where the target was last said, None where it was not.

    One neighbour must stand beside it, both where there is nothing between them.
    """
    for start in range(len(words), -1, -1):
        end = start + len(target.core)
        if end > len(words) or tuple(words[start:end]) != target.core:
            continue
        left = words[start - 1] if start else ""
        right = words[end] if end < len(words) else ""
        beside = (left == target.left, right == target.right)
        anywhere = not (target.left or target.right)
        if anywhere or (any(beside) if target.core else all(beside)):
            return start
    return None


def likeness(words: Sequence[str], others: Sequence[str]) -> float:
    """Return how much two runs of words have in common, 0-1."""
    return SequenceMatcher(None, words, others, autojunk=False).ratio()
