"""Units and clauses, held against published examples."""

import pytest

from app.adapters.spacy_parser import SpacyParser
from app.services.hybrid_analyzer.as_units import AsUnit, find_as_units
from app.services.hybrid_analyzer.reading import Reading


def units(parser: SpacyParser, text: str) -> list[tuple[str, AsUnit]]:
    reading = Reading(text, parser.parse(text), parser)
    return [(" ".join(reading.tokens[i].lower for i in u.tokens), u) for u in find_as_units(reading)]


# Vercellotti & Hall (2024), Coding all clauses in L2 data, Research Methods in Applied Linguistics 3, 100132:
# their examples of learners' speech by number, with the clauses they count (joined verb phrases included).
@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        pytest.param("one night I took my father's car and went to different city", 2, id="1"),
        pytest.param("she would be very patient and comfort me", 2, id="3"),
        pytest.param("there's someone driving his car", 2, id="5"),
        pytest.param("I hope to meet her and have fun with her again", 3, id="6"),
        pytest.param(
            "the old people ask me to drink a coffee for them and to make them happy",
            3,
            id="7, no small clause",
        ),
        pytest.param("in the picture number five we can see them just open the basket", 2, id="8"),
        pytest.param("so we enjoying the very special very traditional Russian food there", 1, id="10"),
        pytest.param(
            "if I work hard or if I think hard or if I do stuff and work more I'll get more money", 5, id="11"
        ),
        pytest.param("I think we should do some protection to protect our world", 3, id="13"),
    ],
)
def test_published_examples(parser: SpacyParser, text: str, clauses: int) -> None:
    ((_, unit),) = units(parser, text)
    assert sum(unit.clauses.values()) == clauses
    assert unit.clauses["main"] == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I live here.", {"main": 1}),
        ("I live here because I like the city.", {"main": 1, "adverbial": 1}),
        ("When I was child I go to the park.", {"main": 1, "adverbial": 1}),
        ("I know the man who lives here.", {"main": 1, "relative": 1}),
        ("The problem is that I have no time.", {"main": 1, "complement": 1}),
        ("She asked me if I could help her.", {"main": 1, "complement": 1}),
        ("I am sure he knows the city I live in.", {"main": 1, "complement": 1, "relative": 1}),
        ("I want to find a job.", {"main": 1, "non_finite": 1}),
        ("I want to go.", {"main": 1}),
        ("I have to go home.", {"main": 1}),
        ("I am going to visit my uncle.", {"main": 1}),
        ("You know, it is very far.", {"main": 1}),
        ("Three months.", {}),
    ],
)
def test_clauses_by_kind(parser: SpacyParser, text: str, expected: dict[str, int]) -> None:
    ((_, unit),) = units(parser, text)
    assert unit.clauses == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I live here and she works there", ["i live here and", "she works there"]),
        ("my hometown is small I live there", ["my hometown is small", "i live there"]),
        ("I was tired I went home", ["i was tired", "i went home"]),
        ("Yes. I live in a flat.", ["i live in a flat ."]),
        ("Okay, thank you.", []),
    ],
)
def test_units_end_where_the_next_clause_stands_alone(
    parser: SpacyParser, text: str, expected: list[str]
) -> None:
    assert [shown for shown, _ in units(parser, text)] == expected


def test_words_are_counted_without_marks_and_clitics(parser: SpacyParser) -> None:
    ((_, unit),) = units(parser, "Well, I don't know if it's far.")
    assert unit.words == 7


def test_every_token_is_in_one_unit_at_most(parser: SpacyParser) -> None:
    text = "well I think it is good and people is friendly when I was child I go there you know it was fun"
    indices = [i for _, unit in units(parser, text) for i in unit.tokens]
    assert len(indices) == len(set(indices)) == len(parser.parse(text))
