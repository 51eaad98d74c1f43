"""Connectives and discourse markers: the words that join ideas and mark the stages of a talk."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "addition": (
        "and", "also", "too", "moreover", "furthermore", "besides", "in addition", "as well", "as well as",
        "not only", "apart from that", "on top of that", "what's more", "plus",
    ),
    "contrast": (
        "but", "however", "although", "though", "even though", "while", "whereas", "on the other hand",
        "on the one hand", "nevertheless", "despite", "in spite of", "instead", "rather than", "still",
        "otherwise", "yet", "in contrast", "having said that",
    ),
    "cause": (
        "because", "so", "therefore", "that's why", "that is why", "as a result", "due to", "because of",
        "thanks to", "since", "so that", "in order to", "which means", "that means", "consequently", "hence",
    ),
    "time": (
        "first", "firstly", "first of all", "second", "secondly", "then", "after that", "finally", "next",
        "later", "before", "after", "when", "until", "while", "meanwhile", "as soon as", "eventually",
        "at first", "in the end", "at the same time", "nowadays", "these days", "whenever", "by the time",
    ),
    "example": ("for example", "for instance", "such as", "like", "especially", "in particular", "including"),
    "condition": (
        "if", "unless", "as long as", "in case", "even if", "provided that", "whether", "depending on",
    ),
    "stance": (
        "i think", "i believe", "in my opinion", "personally", "i guess", "to be honest", "i suppose",
        "actually", "frankly", "as far as i know", "from my point of view", "for me", "i'd say",
        "i would say", "it seems", "probably", "perhaps", "maybe", "obviously", "definitely", "of course",
        "luckily", "unfortunately", "surprisingly", "to be fair", "in fact", "as a matter of fact",
    ),
    "summary": (
        "in conclusion", "overall", "to sum up", "all in all", "anyway", "in general", "generally",
        "basically", "in short", "on the whole", "by and large", "in other words", "i mean", "that is",
    ),
    "talk": (
        "well", "you know", "you see", "as for", "speaking of", "by the way", "talking about",
        "when it comes to",
    ),
}  # fmt: skip
"""Our list; families follow the usual grammar-book functions."""

BASIC = frozenset(
    {"and", "but", "so", "because", "also", "then", "when", "like", "i think", "if", "too", "for me"}
)
"""Markers that learners have from the first year on."""

_AMBIGUOUS_LIKE = frozenset(
    {"i", "you", "we", "they", "would", "to", "really", "don't", "also", "not", "who", "people"}
)
_FAMILY_OF = {phrase: family for family, phrases in FAMILIES.items() for phrase in phrases}
_PATTERN = re.compile(
    r"\b(?:" + "|".join(re.escape(p) for p in sorted(_FAMILY_OF, key=lambda p: (-len(p), p))) + r")\b",
    re.IGNORECASE,
)
_LOOK_BACK = 40
_LAST_WORD = re.compile(r"[\w']+(?=\W*$)")


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker as used: its dictionary form, its family, and its characters in the clean text."""

    phrase: str
    family: str
    start: int
    end: int


def _is_verb_like(text: str, start: int, end: int, verbs: Sequence[tuple[int, int]]) -> bool:
    if text[start:end].lower() != "like":
        return False
    if (start, end) in verbs:
        return True
    before = _LAST_WORD.search(text, max(0, start - _LOOK_BACK), start)
    return before is not None and before.group().lower() in _AMBIGUOUS_LIKE


def find_markers(text: str, verbs: Sequence[tuple[int, int]] = ()) -> tuple[Marker, ...]:
    """Return the markers of a clean text in order; the longest phrase at a place wins.

    `verbs` are the character spans of words parsed as verbs: `like` the verb marks nothing.
    """
    found: list[Marker] = []
    for match in _PATTERN.finditer(text):
        if _is_verb_like(text, match.start(), match.end(), verbs):
            continue
        phrase = re.sub(r"\s+", " ", match.group().lower())
        found.append(Marker(phrase, _FAMILY_OF[phrase], match.start(), match.end()))
    return tuple(found)
