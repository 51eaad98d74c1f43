import pytest

from app.adapters.spacy_parser import SpacyParser
from app.services.hybrid_analyzer import LanguageAnalyzer
from app.services.hybrid_analyzer.lexical_fillers import find_lexical_fillers
from app.services.hybrid_analyzer.reading import Reading


def fillers(parser: SpacyParser, text: str) -> list[str]:
    found = find_lexical_fillers(Reading(text, parser.parse(text), parser))
    return [text[start:end].lower() for start, end in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it is, you know, very far", ["you know"]),
        ("I think you know it depends on the weather", ["you know"]),
        ("I mean it was a good trip", ["i mean"]),
        ("we stayed there for like three days", ["like"]),
        ("I lost my like passport", ["like"]),
        ("do you know the answer", []),
        ("you know that he is right", []),
        ("what I mean is that it is far", []),
        ("I like it very much", []),
        ("I do like cooking", []),
        ("I like dolphin is animal", []),
        ("she is like her mother", []),
        ("I would like to go there", []),
        ("fruits like apples", []),
        ("I was like no way", []),
        ("like I said it is far", []),
    ],
)
def test_only_words_that_add_nothing(parser: SpacyParser, text: str, expected: list[str]) -> None:
    assert fillers(parser, text) == expected


def test_they_are_told_with_their_place_and_still_read(parser: SpacyParser) -> None:
    text = "Um, it is, you know, very far"
    analysis = LanguageAnalyzer(parser).analyze("t", text)
    assert [(d.kind, text[d.start : d.end]) for d in analysis.disfluencies] == [
        ("filler", "Um"),
        ("lexical_filler", "you know"),
    ]
    assert "know" in analysis.lemmas
    assert "you know" in {m.kind for m in analysis.markers}
