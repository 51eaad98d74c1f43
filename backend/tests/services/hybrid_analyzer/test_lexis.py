import re

import pytest

from app.services.hybrid_analyzer.lexis import hdd, mattr, mean_types_in_window, mtld

# The example text and values of the lexicalrichness package's documentation.
PUBLISHED = """Measure of textual lexical diversity, computed as the mean length of sequential words in
a text that maintains a minimum threshold TTR score.
Iterates over words until TTR scores falls below a threshold, then increase factor
counter by 1 and start over. McCarthy and Jarvis (2010, pg. 385) recommends a factor
threshold in the range of [0.660, 0.750].
(McCarthy 2005, McCarthy and Jarvis 2010)"""


def published_words() -> list[str]:
    return re.findall(r"[a-z]+", PUBLISHED.lower())


def test_published_values() -> None:
    words = published_words()
    assert (len(words), len(set(words))) == (57, 39)
    assert mtld(words, 0.72) == pytest.approx(46.79226361031519)
    assert mattr(words, 25) == pytest.approx(0.8351515151515151)
    assert hdd(words, 42) == pytest.approx(0.7468703323966486)


def test_hdd_of_the_whole_text_is_its_type_token_ratio() -> None:
    assert hdd(["a", "b", "a", "c"], 4) == 0.75
    assert hdd(["a", "b", "a", "c"], 1) == 1.0
    assert hdd(["a", "b"], 3) is None


def test_the_worked_example_of_mccarthy_and_jarvis() -> None:
    """`of the people by the people | for the people`: one factor ends at .667, the rest is all different."""
    words = ["of", "the", "people", "by", "the", "people", "for", "the", "people"]
    assert mtld(words) == 9.0


@pytest.mark.parametrize(("words", "expected"), [([], 0.0), (["a"], 1.0), (["a", "b", "c"], 3.0)])
def test_mtld_of_very_short_texts(words: list[str], expected: float) -> None:
    assert mtld(words) == expected


def test_mtld_of_one_word_repeated_is_low() -> None:
    assert mtld(["a"] * 100) == pytest.approx(2.0)


def test_mattr_needs_a_window() -> None:
    assert mattr(["a"] * 49) is None
    assert mattr(["a"] * 50) == pytest.approx(1 / 50)


def brute_force(events: list[tuple[int, str]], length: int, window: int) -> float:
    starts = range(max(0, length - window) + 1)
    return sum(len({k for p, k in events if s <= p < s + window}) for s in starts) / len(starts)


@pytest.mark.parametrize("length", [60, 100, 101, 180])
def test_types_in_a_window_agree_with_counting_them(length: int) -> None:
    events = [(p, "abcd"[(p * 7) % 4]) for p in range(0, length, 9)] + [(3, "once"), (length - 1, "last")]
    assert mean_types_in_window(events, length) == pytest.approx(brute_force(events, length, 100))


def test_types_in_a_window_need_half_a_window() -> None:
    assert mean_types_in_window([(0, "and")], 49) is None
    assert mean_types_in_window([], 100) == 0.0
