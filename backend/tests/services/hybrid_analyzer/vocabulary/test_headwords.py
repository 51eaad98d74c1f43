import math

import pytest

from app.adapters.trigram_model import PocketsphinxTrigrams
from app.services.hybrid_analyzer.vocabulary import BANDS, Headwords, headwords
from app.services.hybrid_analyzer.vocabulary.headwords import BAND_SIZE


def test_a_band_is_a_thousand_headwords() -> None:
    rows = [(f"w{number}", "-") for number in range(2 * BAND_SIZE)]
    known = Headwords(rows)
    assert [known.band(f"w{n}") for n in (0, 999, 1_000, 1_999)] == [1, 1, 2, 2]
    assert known.band("w2000") is None
    assert known.band("unheard", "w1000", "w5") == 1


def test_levels_may_differ_by_part_of_speech() -> None:
    known = Headwords([("book", "1411"), ("house", "1"), ("hm", "-")])
    assert (known.level("book", "NOUN"), known.level("book", "VERB")) == ("A1", "B2")
    assert (known.level("house", "VERB"), known.level("hm", "NOUN")) == ("A1", None)
    assert (known.level("book", "PRON"), known.level("unheard", "NOUN")) == (None, None)


@pytest.mark.parametrize(
    ("word", "band", "level"),
    [
        ("teacher", 1, "A1"),
        ("colour", 1, "A1"),
        ("tradition", 3, "A2"),
        ("benefit", 1, "B1"),
        ("generosity", 8, "B2"),
        ("ubiquitous", 10, "C2"),
    ],
)
def test_words_of_the_list(word: str, band: int, level: str) -> None:
    known = headwords()
    assert abs((known.band(word) or 99) - band) <= 1
    assert known.level(word, "ADJ" if word == "ubiquitous" else "NOUN") == level


def test_words_of_other_languages_are_not_in_it() -> None:
    assert headwords().band("plov", "mahalla") is None


def test_the_bands_follow_the_word_model_they_come_from() -> None:
    """Words with one form only, a few from each fifth band: each lot is rarer than the one before."""
    lots = {
        1: ("about", "because", "there", "people"),
        5: ("chronic", "fragile", "honesty", "gorgeous"),
        10: ("ubiquitous", "abide", "amnesia", "harness"),
        18: ("hospitable", "perpendicular", "superfluous", "badminton"),
    }
    model = PocketsphinxTrigrams.load()
    means = []
    for words in lots.values():
        values = [model.log_probability("<s>", "zzz", word) for word in words]
        means.append(math.fsum(v for v in values if v is not None) / len(words))
        assert None not in values
    assert means == sorted(means, reverse=True)
    assert max(lots) < BANDS
