from hypothesis import given
from hypothesis import strategies as st

from app.adapters.local_speech.word_times import placed, token_starts, words_of
from app.services.speech import Word


def test_token_starts_where_the_alignment_first_reaches_it() -> None:
    alignment = [(0, 0), (0, 1), (0, 10), (1, 10), (1, 30), (2, 31)]
    assert token_starts(alignment, 2) == [0, 200, 620]


def test_tokens_the_alignment_skips_do_not_run_backwards() -> None:
    assert token_starts([(0, 5), (2, 9)], 3) == [100, 180, 180, 180]
    assert token_starts([], 2) == [0, 0, 0]


def test_subwords_make_words_and_punctuation_lends_nothing() -> None:
    subwords = [
        (" Tash", 1),
        ("kent", 1),
        (",", 1),
        (" don", 1),
        ("'t", 1),
        (" -", 1),
        (" well", 1),
        ("-", 1),
        ("known", 2),
    ]
    starts = [0, 100, 300, 500, 600, 700, 800, 900, 950, 980, 1_200]
    chances = [0.8, 0.6, 0.1, 1.0, 0.5, 0.1, 0.9, 0.1, 0.9, 0.9]
    words = words_of(subwords, starts, chances)
    assert [word.text for word in words] == ["Tashkent,", "don't", "well-known"]
    assert [(word.start_ms, word.end_ms) for word in words] == [(0, 300), (500, 700), (800, 1_200)]
    assert [word.chances for word in words] == [(0.8, 0.6), (1.0, 0.5), (0.9, 0.9, 0.9)]


@given(
    times=st.lists(st.tuples(st.integers(-500, 9_000), st.integers(-500, 2_000)), max_size=40),
    start=st.integers(0, 5_000),
    length=st.integers(100, 9_000),
    pauses=st.lists(st.tuples(st.integers(0, 9_000), st.integers(1, 3_000)), max_size=4),
)
def test_placed_words_are_in_order_without_overlap_and_inside(
    times: list[tuple[int, int]], start: int, length: int, pauses: list[tuple[int, int]]
) -> None:
    words = [Word(f"w{i}", t, t + d, 0.5) for i, (t, d) in enumerate(times)]
    silences = [(at, at + ms) for at, ms in pauses]
    moved = placed(words, offset_ms=start - 200, start_ms=start, end_ms=start + length, pauses=silences)
    assert [word.text for word in moved] == [word.text for word in words]
    bounds = [edge for word in moved for edge in (word.start_ms, word.end_ms)]
    assert bounds == sorted(bounds)
    assert all(start <= edge <= start + length for edge in bounds)
    if length >= 20 * len(words):
        assert all(word.end_ms - word.start_ms >= 20 for word in moved)


def test_times_that_fit_are_only_moved() -> None:
    words = [Word("I", 0, 120, 0.9), Word("live", 150, 400, 0.9)]
    assert placed(words, offset_ms=1_000, start_ms=1_000, end_ms=2_000) == (
        Word("I", 1_000, 1_120, 0.9),
        Word("live", 1_150, 1_400, 0.9),
    )


def test_a_word_does_not_stretch_across_a_pause() -> None:
    words = [Word("cold.", 800, 1_700, 0.9), Word("We", 1_700, 2_960, 0.9), Word("went", 2_960, 3_200, 0.9)]
    moved = placed(words, offset_ms=0, start_ms=0, end_ms=4_000, pauses=[(1_300, 2_800)])
    assert [(word.start_ms, word.end_ms) for word in moved] == [
        (800, 1_300),
        (2_800, 2_960),
        (2_960, 3_200),
    ]


def test_a_word_within_a_pause_stays_where_it_was_heard() -> None:
    word = Word("um", 1_500, 1_800, 0.5)
    assert placed([word], offset_ms=0, start_ms=0, end_ms=4_000, pauses=[(1_300, 2_800)]) == (word,)
