import pytest

from app.services.hybrid_analyzer.transcript import read_transcript
from app.services.speech import Word


def words(*texts: str) -> tuple[Word, ...]:
    return tuple(Word(t, i * 300, i * 300 + 250, 0.9) for i, t in enumerate(texts))


def test_normalising_keeps_every_character_in_its_place() -> None:
    text = "I don’t — know 😀 плов\x00\u200fok"
    transcript = read_transcript(text)
    assert len(transcript.normal) == len(text)
    assert "don't" in transcript.normal
    assert [t.text for t in transcript.tokens] == ["I", "don't", "know", "ok"]
    assert all(text[t.start : t.end].replace("’", "'") == t.text for t in transcript.tokens)


def test_a_text_in_capitals_is_lowered() -> None:
    assert read_transcript("WE CALL IT BEAR").normal == "we call it bear"
    assert read_transcript("I like the BBC").normal == "I like the BBC"


def test_words_are_found_at_their_characters() -> None:
    transcript = read_transcript("Well, I live in Tashkent.", words("Well,", " I", "live", "in", "Tashkent."))
    start = transcript.text.index("live")
    assert [w.text for w in transcript.words_between(start, start + 7)] == ["live", "in"]
    assert transcript.times(start, start + 7) == (600, 1_150)


def test_a_word_missing_from_the_text_costs_only_itself() -> None:
    transcript = read_transcript("I live here", words("I", "really", "live", "here"))
    assert transcript.times(2, 6) == (600, 850)


def test_without_word_times_there_are_none() -> None:
    assert read_transcript("I live here").times(0, 5) == (None, None)


@pytest.mark.parametrize("text", ["", "   ", "...", "😀", "שלום עולם", "\x07\x1b", "a" * 200_000])
def test_odd_texts_are_read_without_failing(text: str) -> None:
    transcript = read_transcript(text, words("a", ""))
    assert transcript.text == text
    assert len(transcript.normal) <= len(text)
