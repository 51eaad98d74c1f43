from collections.abc import Sequence

import pytest

from app.services.pronunciation_engine import Guessing, WordPhones, compare_readings
from app.services.speech import Word

STEP = 400


def read(text: str, *, from_ms: int = 0) -> list[WordPhones]:
    return [
        WordPhones(w, from_ms + i * STEP, from_ms + (i + 1) * STEP, 0.9, ())
        for i, w in enumerate(text.split())
    ]


def compare(text: str, again: Sequence[WordPhones], probability: float = 0.9) -> Guessing:
    words = [Word(w, i * STEP, (i + 1) * STEP, probability) for i, w in enumerate(text.split())]
    return compare_readings(words, again)


def test_two_readings_that_agree() -> None:
    found = compare("I live in Samarkand.", read("I live in Samarkand"))
    assert (found.words, found.compared, found.disagreed, found.guessed) == (4, 4, 0, ())


@pytest.mark.parametrize(
    ("first", "second"), [("I don’t know", "I do n't know"), ("It's well-known", "It 's well known")]
)
def test_readers_join_words_differently(first: str, second: str) -> None:
    assert compare(first, read(second)).disagreed == 0


def test_a_word_read_otherwise_must_be_guessed_even_if_it_was_likely() -> None:
    (guessed,) = compare("a quiet town", read("a white town"), 0.6).guessed
    assert (guessed.word, guessed.heard_otherwise) == ("quiet", "white")
    assert (guessed.start_ms, guessed.end_ms) == (STEP, 2 * STEP)


def test_a_word_that_the_second_reading_lacks() -> None:
    found = compare("a very quiet town", read("a quiet town"), 0.6)
    assert [(g.word, g.heard_otherwise) for g in found.guessed] == [("very", None)]


@pytest.mark.parametrize(("probability", "guessed"), [(0.2, 3), (0.45, 3), (0.55, 0), (0.9, 0)])
def test_with_one_reading_its_probability_decides(probability: float, guessed: int) -> None:
    found = compare("a quiet town", [], probability)
    assert (len(found.guessed), found.compared) == (guessed, 0)


def test_chances_fall_with_probability_and_with_disagreement() -> None:
    def chance(probability: float, again: str) -> float:
        return compare("x" if again else "y", read(again), probability).guessed[0].chance

    assert chance(0.1, "x") < chance(0.2, "x")
    assert chance(0.2, "z") < chance(0.2, "x")


def test_stretches_that_were_not_read_again_are_not_compared() -> None:
    text = " ".join(["word"] * 60)
    found = compare(text, read("word word word", from_ms=0))
    assert (found.words, found.compared, found.disagreed, found.guessed) == (60, 3, 0, ())


@pytest.mark.parametrize("text", ["", "…", "2005", "мен яшайман"])
def test_strange_words(text: str) -> None:
    found = compare(text, read(text), 0.0)
    assert found.disagreed == 0
