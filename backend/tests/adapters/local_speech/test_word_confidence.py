from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from app.adapters.local_speech.word_confidence import AlignedWord, with_confidence


def words(*chances: Sequence[float]) -> list[AlignedWord]:
    return [AlignedWord(f"w{at}", at * 300, at * 300 + 300, tuple(c)) for at, c in enumerate(chances)]


def test_a_sure_word_among_sure_words_is_nearly_always_right() -> None:
    assert all(word.probability > 0.9 for word in with_confidence(words(*[[0.98]] * 7)))


def test_a_sure_word_in_the_middle_of_nonsense_is_not() -> None:
    among_sure = with_confidence(words([0.9], [0.9], [0.9], [0.9], [0.9]))[2]
    in_nonsense = with_confidence(words([0.2], [0.1], [0.9], [0.2], [0.1]))[2]
    assert in_nonsense.probability < 0.6
    assert among_sure.probability > 0.85


def test_an_unlikely_word_is_doubted_even_among_sure_ones() -> None:
    assert with_confidence(words([0.95], [0.05], [0.95]))[1].probability < 0.35


def test_a_word_that_had_to_be_spelled_is_less_sure() -> None:
    whole, spelled = words([0.8], [0.8, 0.8, 0.8])
    assert with_confidence([whole])[0].probability > with_confidence([spelled])[0].probability


def test_no_words() -> None:
    assert with_confidence([]) == ()


@given(st.lists(st.lists(st.floats(-0.1, 1.1), min_size=1, max_size=5), max_size=12))
def test_text_and_times_stay_and_chances_are_chances(chances: list[list[float]]) -> None:
    given_words = words(*chances)
    found = with_confidence(given_words)
    assert [(w.text, w.start_ms, w.end_ms) for w in found] == [
        (w.text, w.start_ms, w.end_ms) for w in given_words
    ]
    assert all(0 < w.probability < 1 for w in found)
