"""Every word of a long text is judged once, with words around it."""

from hypothesis import given
from hypothesis import strategies as st

from app.adapters.edit_tagger.windows import AROUND, SIZE, windows


@given(st.integers(0, 3_000))
def test_each_word_is_judged_once_and_read_in_context(words: int) -> None:
    found = list(windows(words))
    assert [at for w in found for at in range(w.start, w.end)] == list(range(words))
    for window in found:
        assert window.last - window.first <= SIZE
        assert window.first == max(0, window.start - AROUND) or words <= SIZE
        assert window.last == min(words, window.end + AROUND) or words <= SIZE
