"""Comparatives and superlatives of short adjectives."""

from collections.abc import Iterator

from app.services.hybrid_analyzer.reading import Reading
from app.services.hybrid_analyzer.rules.base import Example, Hit, Rule, hit
from app.services.hybrid_analyzer.word_set import word_set

_SHORT = word_set(
    "big small tall short old young long fast slow hot cold warm cheap strong weak rich poor hard soft high "
    "low easy happy busy heavy nice safe large close smart bright dark deep wide clean loud great"
)
_TAGS = {"more": "JJR", "most": "JJS"}


def _long_form(reading: Reading) -> Iterator[Hit]:
    """Yield `more easy`, `most strong`, where `more` or `most` is not about the noun that follows."""
    for word in reading:
        adjective = reading.at(word.index + 1)
        tag = _TAGS.get(word.lower)
        if tag is None or adjective is None or adjective.sentence_start or adjective.lower not in _SHORT:
            continue
        noun = reading.at(adjective.index + 1)
        names = noun is not None and not noun.sentence_start and noun.pos in {"NOUN", "PROPN", "ADJ", "CCONJ"}
        if names and reading.lower_at(word.index - 1) not in {"a", "the"}:
            continue
        form = reading.inflect(adjective.lower, tag)
        if form:
            yield hit(reading, word.index, adjective.index, form, adjective=adjective.text, form=form)


RULES = (
    Rule(
        id="COMP-SHORT",
        family="comparatives",
        category="R:ADJ:FORM",
        severity="low",
        confidence=0.87,
        explanation="Short adjectives compare with an ending: “{correction}”.",
        explanation_uz="Qisqa sifatlar qo‘shimcha bilan qiyoslanadi: “{correction}”.",
        good=(
            "It is easier now.",
            "We need more young people here.",
            "It is more expensive.",
            "I need more hot water.",
        ),
        bad=(
            Example("Now it is more easy for me.", "Now it is easier for me."),
            Example("He is the most strong man in the village.", "He is the strongest man in the village."),
        ),
        find=_long_form,
    ),
)
