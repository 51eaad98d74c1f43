"""What a recording hides is measured in the recording, and words are granted what they lose by it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.pronunciation_engine import Delivery, summarise
from app.services.pronunciation_engine.audibility import (
    MAX_ALLOWANCE,
    Audibility,
    allowance,
    allowing_for,
    measure_audibility,
    together,
)
from evaluation.channels import gain, telephone
from tests.fakes.sound import Samples, hiss, silence, voice

share = st.floats(0, 1)


def bursts(seconds: int = 10, floor: float = 1e-4) -> Samples:
    """A sound in every band that comes and goes as syllables do, over a faint noise."""
    dice = np.random.default_rng(2)
    t = np.arange(seconds * 16_000) / 16_000
    syllables = 0.1 * np.maximum(0, np.sin(2 * np.pi * 2 * t)) * dice.standard_normal(t.size)
    return (syllables + floor * dice.standard_normal(t.size)).astype(np.float32)


def measured(samples: Samples) -> Audibility:
    found = measure_audibility(samples)
    assert found is not None
    return found


def test_the_more_noise_the_less_is_heard() -> None:
    heard = [measured(bursts(floor=level)) for level in (1e-4, 1e-3, 1e-2, 3e-2)]
    assert heard[0].lower == heard[0].upper == 1.0
    assert [a.lower for a in heard] == sorted((a.lower for a in heard), reverse=True)
    allowed = [allowance(a) for a in heard]
    assert allowed == sorted(allowed)
    assert allowed[0] == 0
    assert allowed[-1] > 0.5


def test_a_narrow_line_takes_the_upper_bands() -> None:
    whole, narrow = measured(bursts()), measured(telephone(bursts()))
    assert narrow.lower == pytest.approx(whole.lower, abs=0.02)
    assert narrow.upper < 0.1
    assert allowance(narrow) == pytest.approx(0.4, abs=0.05)


@pytest.mark.parametrize("decibels", [-30, 6])
def test_how_loud_it_is_changes_nothing(decibels: float) -> None:
    noisy = bursts(floor=3e-3)
    assert measured(gain(decibels)(noisy)).lower == pytest.approx(measured(noisy).lower, abs=0.01)


def test_silence_that_no_microphone_made_does_not_count() -> None:
    noisy = bursts(floor=3e-3)
    cut = np.concatenate([noisy[:48_000], silence(20), noisy[48_000:]])
    assert measured(cut).lower == pytest.approx(measured(noisy).lower, abs=0.02)


@pytest.mark.parametrize(
    "samples", [silence(10), silence(0), bursts(1), hiss(silence(10), 0.1), voice(10, 140)[:100]]
)
def test_where_no_voice_stands_out_nothing_is_said(samples: Samples) -> None:
    assert measure_audibility(samples) is None
    assert allowance(None) == 0


@given(share, share, share, share)
def test_nobody_is_less_clear_by_what_is_allowed(
    lower: float, upper: float, one: float, other: float
) -> None:
    allowed = allowance(Audibility(lower, upper, 1_000))
    assert 0 <= allowed <= MAX_ALLOWANCE
    low, high = sorted((one, other))
    assert allowing_for(allowed, low) <= allowing_for(allowed, high)
    assert allowing_for(allowed, low) >= min(low, 0.99) - 1e-9
    assert allowing_for(0.0, one) == one


def test_long_answers_count_more() -> None:
    assert together([Audibility(1.0, 1.0, 9_000), Audibility(0.5, 0.0, 1_000)]) == Audibility(
        0.95, 0.9, 10_000
    )
    assert together([]) is None


def test_words_are_judged_as_they_would_be_in_a_quiet_room() -> None:
    probabilities = (0.95, 0.9, 0.6, 0.45, 0.1)
    quiet = Delivery("ok", probabilities=probabilities, audibility=Audibility(1.0, 1.0, 60_000))
    noisy = Delivery("ok", probabilities=probabilities, audibility=Audibility(0.4, 0.1, 60_000))
    alone = summarise([Delivery("ok", probabilities=probabilities)], [5])
    assert summarise([quiet], [5]).unclear_share == alone.unclear_share == pytest.approx(0.3833)
    found = summarise([noisy], [5])
    assert found.unclear_share is not None
    assert alone.unclear_share is not None
    assert found.unclear_share < alone.unclear_share
    assert found.median_probability is not None
    assert found.median_probability > 0.8
    assert found.unclear_share_heard == alone.unclear_share_heard == 0.4
    assert found.channel_allowance == pytest.approx(1.116)
