import pytest

from app.services.hybrid_analyzer.vocabulary import cefr_profile, frequency_profile


def test_shares_by_band() -> None:
    words = ["the", "the", "tradition", "generosity", "plov"]
    profile = frequency_profile(words, [1, 1, 3, 8, None])
    assert profile is not None
    assert profile.tokens == {"1": 0.5, "3": 0.25, "8": 0.25}
    assert profile.types == {"1": 0.3333, "3": 0.3333, "8": 0.3333}
    assert (profile.types_beyond(2), profile.types_beyond(3), profile.listed_share) == (0.6666, 0.3333, 0.8)


def test_shares_by_level() -> None:
    profile = cefr_profile(["book", "book", "book", "benefit", "plov"], ["A1", "A1", "B2", "B1", None])
    assert profile is not None
    assert profile.tokens == {"A1": 0.5, "A2": 0.0, "B1": 0.25, "B2": 0.25, "C1": 0.0, "C2": 0.0}
    assert profile.types == {"A1": 0.3333, "A2": 0.0, "B1": 0.3333, "B2": 0.3333, "C1": 0.0, "C2": 0.0}
    assert (profile.types_from_b2, profile.known_share) == (0.3333, 0.8)


def test_nothing_known_has_no_profile() -> None:
    assert frequency_profile(["plov"], [None]) is None
    assert frequency_profile([], []) is None
    assert cefr_profile(["plov"], [None]) is None


def test_every_word_needs_its_band() -> None:
    with pytest.raises(ValueError, match="shorter"):
        frequency_profile(["a", "b"], [1])
    with pytest.raises(ValueError, match="shorter"):
        cefr_profile(["a", "b"], ["A1"])
