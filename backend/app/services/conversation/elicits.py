"""Which grammar a question calls for, read off its own words: a new question is tagged as it comes."""

import re
from collections.abc import Mapping
from typing import Literal

from app.services.conversation.bank_items import Family, Function, Part1Set, Part2Card, QuestionBank

Elicited = Literal["third_person", "past", "perfect", "future", "conditional", "comparison", "plural"]

_WORDS: tuple[tuple[Elicited, re.Pattern[str]], ...] = (
    (
        "past",
        re.compile(r"\b(did|was|were|last (week|weekend|time|year)|used to|when you were|as a child)\b"),
    ),
    ("perfect", re.compile(r"\b(have you|has .+ changed|have .+ changed|ever)\b")),
    ("future", re.compile(r"\b(will|in the future|next|hope to|plan to|one day|in ten years)\b")),
    ("conditional", re.compile(r"\b(would|if)\b")),
    (
        "comparison",
        re.compile(r"\b(prefer|better|best|more|easier|than|differ|different (at|from|when)|advantages)\b"),
    ),
    ("plural", re.compile(r"\b(people|children|many|which things|what kinds|friends)\b")),
    ("third_person", re.compile(r"\b(who|someone|somebody|your (best )?friend|your teacher|family)\b")),
)
_BY_FUNCTION: Mapping[Function, Elicited] = {
    "compare": "comparison",
    "predict": "future",
    "hypothesise": "conditional",
    "describe": "plural",
}
_BY_FAMILY: Mapping[Family, tuple[Elicited, ...]] = {
    "person": ("third_person",),
    "event": ("past",),
    "experience": ("past",),
    "journey": ("past",),
    "decision": ("past",),
    "skill": ("perfect",),
    "plan": ("future",),
}


def elicited_by(question: str) -> frozenset[Elicited]:
    """Return the grammar that an answer to the question needs."""
    lower = question.lower()
    return frozenset(name for name, pattern in _WORDS if pattern.search(lower))


def elicited(item: Part1Set | Part2Card) -> frozenset[Elicited]:
    """Return the grammar that an item calls for."""
    return elicited_by_set(item) if isinstance(item, Part1Set) else elicited_by_card(item)


def elicited_by_set(topic: Part1Set) -> frozenset[Elicited]:
    """Return the grammar that a Part 1 topic calls for."""
    return frozenset().union(*(elicited_by(question.text) for question in topic.questions))


def elicited_by_card(card: Part2Card) -> frozenset[Elicited]:
    """Return the grammar that a cue card and its discussion call for."""
    long_turn = elicited_by(" ".join((card.topic, *card.prompts, card.final_prompt)))
    discussion = {found for question in card.p3 if (found := _BY_FUNCTION.get(question.function))}
    return long_turn.union(_BY_FAMILY.get(card.family, ()), discussion)


def questions_that_elicit(bank: QuestionBank, structure: str | None) -> tuple[str, ...]:
    """Return the Part 1 questions whose answer needs that grammar; all of them where none does."""
    every = tuple(question.text for topic in bank.part1 for question in topic.questions)
    chosen = tuple(text for text in every if structure in elicited_by(text))
    return chosen or every
