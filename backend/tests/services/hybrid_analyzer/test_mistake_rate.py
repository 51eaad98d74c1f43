"""How often a speaker makes mistakes follows from all doubts together, and each doubt from that rate."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.hybrid_analyzer import Vote
from app.services.hybrid_analyzer.mistake_rate import LEARNED_RATE, at_rate, doubts, mistake_rate

CHANCES = st.lists(st.floats(0.004, 0.999), max_size=200)


def classified(rng: random.Random, words: int, rate: float) -> list[float]:
    """Return what a calibrated classifier of two overlapping classes says of words with this rate."""
    found = []
    for _ in range(words):
        seen = rng.gauss(1.5 if rng.random() < rate else -1.5, 1.0)
        # For normal densities one apart from zero by 1.5 on either side, ln of their ratio is 3 * seen.
        odds = LEARNED_RATE / (1 - LEARNED_RATE) * 2.718281828 ** (3 * seen)
        found.append(min(max(odds / (1 + odds), 0.004), 0.999))
    return found


@pytest.mark.parametrize("rate", [0.01, 0.04, 0.1])
def test_the_rate_of_a_long_talk_is_found(rate: float) -> None:
    chances = classified(random.Random(1), 20_000, rate)
    assert mistake_rate(chances) == pytest.approx(rate, rel=0.35)


def test_hardly_a_mistake_is_known_from_few() -> None:
    assert mistake_rate(classified(random.Random(1), 20_000, 0.001)) < 0.004


def test_before_anything_is_said_few_mistakes_are_expected() -> None:
    assert mistake_rate([]) == pytest.approx(0.005)


def test_few_words_prove_little() -> None:
    assert mistake_rate([0.9, 0.004, 0.004]) < 0.03


def test_a_doubt_about_somebody_who_makes_no_mistakes_is_worth_little() -> None:
    (vote,) = at_rate([Vote(0, "+a", 0.5)], 0.002)
    assert vote.probability < 0.05


def test_at_the_rate_that_it_learned_the_tagger_is_believed() -> None:
    votes = (Vote(0, "+a", 0.5), Vote(3, "NNS", 0.9))
    assert [v.probability for v in at_rate(votes, LEARNED_RATE)] == pytest.approx([0.5, 0.9])


def test_a_word_is_in_doubt_for_what_is_changed_in_it_and_before_it() -> None:
    votes = [Vote(1, "+a", 0.3), Vote(1, "+the", 0.2), Vote(1, "NNS", 0.5), Vote(7, "NNS", 0.5)]
    assert doubts(votes, 3) == pytest.approx([0.004, 0.75, 0.004])


@given(CHANCES, st.floats(0.0001, 0.5))
def test_whatever_is_said_rates_and_chances_stay_between_none_and_all(
    chances: list[float], rate: float
) -> None:
    assert 0 < mistake_rate(chances) < 1
    votes = tuple(Vote(at, "NNS", chance) for at, chance in enumerate(chances))
    for before, after in zip(votes, at_rate(votes, rate), strict=True):
        assert 0 <= after.probability <= before.probability + 1e-9
