import pytest

from app.services.pronunciation_engine import count_syllables


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("a", 1), ("the", 1), ("home", 1), ("called", 1), ("wanted", 2), ("houses", 2), ("table", 2),
        ("people", 2),
        ("are", 1), ("one", 1), ("little", 2), ("city", 2), ("student", 2), ("because", 2), ("university", 5),
        ("information", 4), ("area", 3), ("idea", 3), ("million", 2), ("serious", 3), ("social", 2),
        ("clothes", 1),
        ("played", 1), ("agreed", 2), ("tourism", 3), ("studying", 3), ("Samarkand", 3), ("Uzbekistan", 4),
        ("don't", 1), ("didn't", 2), ("it's", 1), ("twenty-one", 3), ("rhythm", 2), ("carefully", 3),
    ],
)  # fmt: skip
def test_syllables(word: str, syllables: int) -> None:
    assert count_syllables(word) == syllables


@pytest.mark.parametrize(
    ("word", "syllables"), [("", 0), ("...", 0), ("—", 0), ("7", 2), ("2020", 6), ("mmm", 1)]
)
def test_what_is_hardly_a_word(word: str, syllables: int) -> None:
    assert count_syllables(word) == syllables


def test_punctuation_and_case_do_not_count() -> None:
    assert count_syllables(" “Samarkand,” ".strip(" “”")) == count_syllables("SAMARKAND") == 3
