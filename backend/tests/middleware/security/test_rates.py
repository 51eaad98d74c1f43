from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.middleware.security.rates import Rate


def allowed_at(rate: Rate, moments: list[float]) -> list[float]:
    """When requests at these moments were allowed."""
    full_at, allowed = 0.0, []
    for now in moments:
        spent = rate.spend(full_at, now)
        full_at = spent.full_at
        if spent.allowed:
            allowed.append(now)
    return allowed


@given(
    quota=st.integers(1, 20),
    window_s=st.integers(1, 100),
    gaps=st.lists(st.floats(0, 40, allow_nan=False), max_size=120),
)
def test_no_stretch_of_time_has_more_than_a_quota_and_what_came_back(
    quota: int, window_s: int, gaps: list[float]
) -> None:
    rate = Rate(quota, window_s)
    allowed = allowed_at(rate, list(accumulate(gaps, initial=1_000.0)))
    for i, first in enumerate(allowed):
        for j in range(i, len(allowed)):
            most = quota + (allowed[j] - first) / rate.spacing_s
            assert j - i + 1 <= most + 1e-3


@given(quota=st.integers(1, 50), window_s=st.integers(1, 600), asked=st.integers(1, 100))
def test_a_quota_may_be_spent_at_once_and_is_counted_down(quota: int, window_s: int, asked: int) -> None:
    rate, full_at, left = Rate(quota, window_s), 0.0, []
    for _ in range(asked):
        spent = rate.spend(full_at, 5_000.0)
        full_at = spent.full_at
        left.append((spent.allowed, spent.left))
    expected = [(True, quota - n) for n in range(1, quota + 1)] + [(False, 0)] * asked
    assert left == expected[:asked]


@given(quota=st.integers(1, 50), window_s=st.integers(1, 600))
def test_who_waits_as_told_is_let_in_and_who_comes_before_is_not(quota: int, window_s: int) -> None:
    rate, full_at = Rate(quota, window_s), 0.0
    for _ in range(quota):
        full_at = rate.spend(full_at, 100.0).full_at
    refused = rate.spend(full_at, 100.0)
    assert not refused.allowed
    assert 0 < refused.seconds <= window_s
    assert rate.spend(full_at, 100.0 + refused.seconds).allowed
    assert not rate.spend(full_at, 100.0 + refused.seconds * 0.99).allowed


def test_rates_are_written_as_requests_and_seconds() -> None:
    assert Rate.parse("300/60") == Rate(300, 60)
    assert Rate.parse("300/60").times(20) == Rate(6_000, 60)


@pytest.mark.parametrize(
    "text", ["", "300", "0/60", "300/0", "-1/60", "3.5/60", "300/minute", "300/60 ", "1e3/60"]
)
def test_what_is_no_rate_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="requests/seconds"):
        Rate.parse(text)
