"""Two ways of writing the same words are the same, and a target is found where it was said."""

import pytest

from app.services.training_engine.drills import Target, normal_words, place_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("He doesn't like it.", "he does not like it"),
        ("I’m 5 years old", "I am five years old"),
        ("It's cold, isn't it?", "it is cold is not it"),
        ("I can't", "I cannot"),
    ],
)
def test_contractions_and_numbers(one: str, other: str) -> None:
    assert normal_words(one) == normal_words(other)


def test_a_possessive_is_no_contraction() -> None:
    assert normal_words("my mother's house") == ("my", "mother's", "house")


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("he works in a bank", 1),
        ("she works in a bank", 1),
        ("he works there", 1),
        ("it works", None),
        ("he work in a bank", None),
        ("he works in a bank and he works in a shop", 7),
    ],
)
def test_a_target_needs_one_neighbour(said: str, place: int | None) -> None:
    assert place_of(said.split(), Target(("works",), "he", "in")) == place


def test_without_a_core_both_neighbours_must_touch() -> None:
    target = Target((), "discussed", "this")
    assert place_of(normal_words("We discussed this."), target) == 2
    assert place_of(normal_words("We discussed about this."), target) is None
    assert place_of((), target) is None
