"""Bad text costs its own words, never a neighbour's, and what was not read is counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.hybrid_analyzer import Skipped
from app.services.hybrid_analyzer.legible import (
    MAX_CHARS,
    MAX_WORD_CHARS,
    MAX_WORDS,
    WORD,
    legible,
    straightened,
)

ANYTHING = st.text(st.characters() | st.sampled_from("aI'’-.,\u200b\u0301\u202eя😀\ud800\x00 "), max_size=80)


@pytest.mark.parametrize(
    ("text", "read", "skipped"),
    [
        ("I like плов и самса", "I like", Skipped(other_script=3)),
        # The first letter is Cyrillic: without it the rest would be the word `at`.
        ("I am \u0441at here", "I am     here", Skipped(other_script=1)),
        ("two bro\u200bther here", "two" + " " * 10 + "here", Skipped(other_script=1)),
        ("cafe\u0301s cafe\u0301", " " * 7 + "cafe", Skipped(other_script=1, symbols=1)),
        ("I \ud800am 😀\x07", "I  am", Skipped(symbols=3)),
        ("a" + "-a" * 100 + " yes", " " * 202 + "yes", Skipped(too_long=1)),
        ("well ,,,,,, yes", "well ,,,    yes", Skipped(symbols=3)),
        ("it’s 3.5 years", "it's 3.5 years", Skipped()),
    ],
)
def test_a_word_is_read_whole_or_not_at_all(text: str, read: str, skipped: Skipped) -> None:
    shown, counted = legible(text)
    assert (shown.rstrip(), counted) == (read, skipped)


def test_what_is_beyond_the_limits_is_counted() -> None:
    shown, skipped = legible("word " * (MAX_WORDS + 7))
    assert len(WORD.findall(shown)) == MAX_WORDS
    assert (skipped.over_limit, skipped.over_limit_chars) == (7, 7 * len("word "))
    assert legible("a" * 1_000_000) == ("", Skipped(over_limit=1, over_limit_chars=1_000_000))
    assert legible("😀" * (MAX_CHARS + 5))[1] == Skipped(symbols=MAX_CHARS, over_limit_chars=5)


@given(ANYTHING)
def test_every_character_stays_in_its_place(text: str) -> None:
    shown, skipped = legible(text)
    straight = straightened(text)
    assert len(shown) + skipped.over_limit_chars == len(text)
    assert all(now in {was, " "} for was, now in zip(straight, shown, strict=False))


@given(ANYTHING)
def test_what_is_read_is_never_part_of_a_word(text: str) -> None:
    straight = straightened(text)
    shown, _ = legible(text)
    for word in WORD.finditer(shown):
        assert len(word.group()) <= MAX_WORD_CHARS
        beside = straight[: word.start()][-1:] + straight[word.end() :][:1]
        assert not any(c.isalpha() for c in beside) or word.group()[0].isdigit() or word.group()[-1] == "'"


@given(ANYTHING)
def test_reading_again_skips_nothing_more(text: str) -> None:
    shown, _ = legible(text)
    assert legible(shown) == (shown, Skipped())
