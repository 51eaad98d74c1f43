import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.local_speech.speakable import MAX_PIECE, pieces, speakable
from app.services.speech import SynthesisFailed


@pytest.mark.parametrize("text", ["", "  \n\t ", "\x00\x01\u202e", "😀😀", "...?!", "—"])
def test_nothing_to_say(text: str) -> None:
    assert speakable(text) == ""


def test_control_characters_part_words_and_spaces_are_single() -> None:
    assert speakable("Let's  talk\x00about\n\u202eyou\u200b.") == "Let's talk about you ."


def test_too_long_is_refused_with_what_to_do() -> None:
    with pytest.raises(SynthesisFailed, match="2000"):
        speakable("a" * 2_001)


@given(st.text(alphabet="ab c.", max_size=2_000))
def test_pieces_are_short_and_lose_nothing(text: str) -> None:
    split = pieces([text])
    assert all(0 < len(piece) <= MAX_PIECE for piece in split)
    assert "".join(split).replace(" ", "") == text.replace(" ", "")


def test_long_sentences_part_at_spaces() -> None:
    assert all(piece.split() == ["word"] * len(piece.split()) for piece in pieces(["word " * 300]))
