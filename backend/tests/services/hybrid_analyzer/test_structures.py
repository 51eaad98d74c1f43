import pytest

from app.adapters.spacy_parser import SpacyParser
from app.services.hybrid_analyzer.clauses import clause_boundaries
from app.services.hybrid_analyzer.reading import Reading
from app.services.hybrid_analyzer.structures import find_structures


def read(parser: SpacyParser, text: str) -> Reading:
    return Reading(text, parser.parse(text), parser)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("If it rains, I stay at home.", "conditional"),
        ("I stay at home when it rains.", "adverbial_clause"),
        ("The man who lives here is kind.", "relative_clause"),
        ("I think that he is right.", "complement_clause"),
        ("I want to learn English.", "infinitive_or_gerund"),
        ("The house was built in 1990.", "passive"),
        ("I have lived here for years.", "perfect"),
        ("She is reading a book.", "progressive"),
        ("I would go there.", "modal"),
        ("We will see.", "future"),
        ("She is taller than me.", "comparative"),
        ("It is the biggest city.", "superlative"),
        ("There are many parks.", "there_is"),
    ],
)
def test_each_structure_is_recognised(parser: SpacyParser, text: str, kind: str) -> None:
    found = find_structures(read(parser, text))
    assert kind in {s.kind for s in found}
    assert all(0 <= s.start < s.end <= len(text) for s in found)


def test_clauses_begin_at_their_conjunction(parser: SpacyParser) -> None:
    text = "I live in a big city because I like people and she works there"
    starts = {text[i:].split(maxsplit=1)[0] for i in clause_boundaries(read(parser, text))}
    assert {"I", "because", "and"} <= starts
    assert not starts & {"in", "big", "city", "people", "there"}


def test_a_comma_is_no_boundary(parser: SpacyParser) -> None:
    text = "I live in, a big city"
    assert text.index("a big") not in clause_boundaries(read(parser, text))
