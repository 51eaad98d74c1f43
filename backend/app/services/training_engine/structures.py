"""Which structure of English a rule is about, so that drills and questions that call for it can be found."""

from collections.abc import Mapping
from typing import Literal, get_args

from app.services.conversation import Elicited

Structure = Literal[
    "third_person",
    "past",
    "perfect",
    "future",
    "conditional",
    "comparison",
    "plural",
    "article",
    "preposition",
    "verb_form",
    "question",
]

_BY_RULE: Mapping[str, Structure] = {
    "TENSE-PAST-TIME": "past",
    "TENSE-PERFECT-PAST": "perfect",
    "VERB-PERFECT": "perfect",
    "CON-HAVE-YOU": "perfect",
    "PHR-SINCE": "perfect",
    "UZ-G16": "perfect",
    "UZ-G17": "past",
    "UZ-G19": "conditional",
    "UZ-G27": "comparison",
    "UZ-G27-MOST": "comparison",
    "UZ-G27-THAN": "comparison",
    "UZ-V08": "future",
    "UZ-G04": "third_person",
    "VERB-AFTER-DO": "past",
    "CON-DO-QUESTION": "question",
    "CON-WHAT-IS": "question",
    "NUM-A-UNCOUNTABLE": "plural",
}
_BY_CATEGORY: tuple[tuple[str, Structure], ...] = (
    ("VERB:SVA", "third_person"),
    ("VERB:TENSE", "past"),
    ("VERB:FORM", "verb_form"),
    ("NOUN:NUM", "plural"),
    ("ADJ:FORM", "comparison"),
    ("DET", "article"),
    ("PREP", "preposition"),
    ("WO", "question"),
)

ELICITED: frozenset[Structure] = frozenset(get_args(Elicited))
"""Structures that some questions call for more than others; articles and prepositions come up everywhere."""

SHOWN_BY: Mapping[Structure, frozenset[str]] = {
    "past": frozenset({"past"}),
    "perfect": frozenset({"perfect"}),
    "future": frozenset({"future"}),
    "conditional": frozenset({"conditional"}),
    "comparison": frozenset({"comparative", "superlative"}),
}
"""The kinds under which the analyzer counts a structure's uses; what is not here cannot be counted."""


def structure_of(rule_id: str, category: str) -> Structure | None:
    """Return the structure that a rule is about, by its id or else its ERRANT category; None for words."""
    if (known := _BY_RULE.get(rule_id)) is not None:
        return known
    kind = category.partition(":")[2]
    return next((structure for prefix, structure in _BY_CATEGORY if kind.startswith(prefix)), None)
