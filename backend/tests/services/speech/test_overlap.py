"""Two overlapping streams give every word once."""

from hypothesis import given
from hypothesis import strategies as st

from app.services.speech import Word, unheard_words


def word(text: str, start_ms: int, end_ms: int | None = None) -> Word:
    return Word(text, start_ms, start_ms + 200 if end_ms is None else end_ms, 0.9)


@st.composite
def spoken(draw: st.DrawFn) -> list[Word]:
    """Words of at least 260 ms each from a small vocabulary, so that many are said twice in a row."""
    at_ms, words = 0, []
    for text in draw(st.lists(st.sampled_from(["very", "good", "the"]), min_size=1, max_size=12)):
        at_ms += draw(st.integers(20, 400))
        length_ms = draw(st.integers(260, 500))
        words.append(word(text, at_ms, at_ms + length_ms))
        at_ms += length_ms
    return words


@given(st.data())
def test_every_word_comes_once_wherever_the_streams_are_cut(data: st.DataObject) -> None:
    """The second stream hears some of the settled words again, a little earlier or later than the first."""
    words = data.draw(spoken())
    cut = data.draw(st.integers(0, len(words)))
    again = data.draw(st.integers(0, cut))
    jitter = data.draw(st.lists(st.integers(-79, 79), min_size=len(words), max_size=len(words)))
    heard = [
        word(w.text.upper() + ".", w.start_ms + by, w.end_ms + by)
        for w, by in zip(words, jitter, strict=True)
    ][again:]
    new = unheard_words(words[:cut], heard)
    assert list(new) == heard[cut - again :]


@given(spoken(), spoken())
def test_what_is_new_is_always_an_end_of_what_was_heard(settled: list[Word], heard: list[Word]) -> None:
    new = unheard_words(settled, heard)
    assert list(new) == heard[len(heard) - len(new) :]


@given(spoken())
def test_nothing_is_dropped_without_an_overlap(words: list[Word]) -> None:
    later = [word(w.text, w.start_ms + 60_000, w.end_ms + 60_000) for w in words]
    assert list(unheard_words(words, later)) == later
    assert list(unheard_words([], words)) == words


def test_another_reading_of_a_settled_word_is_not_a_new_one() -> None:
    settled = [word("my", 1_000), word("flat", 1_300)]
    heard = [word("my", 1_010), word("flap", 1_310), word("is", 1_600)]
    assert [w.text for w in unheard_words(settled, heard)] == ["is"]


def test_a_word_said_twice_at_the_cut_stays_twice() -> None:
    assert [w.text for w in unheard_words([word("very", 1_000)], [word("very", 1_330)])] == ["very"]


def test_letters_of_any_alphabet_count() -> None:
    assert unheard_words([word("oʻzbek,", 0)], [word("Oʻzbek", 10)]) == ()
