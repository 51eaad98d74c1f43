import pytest

from app.services.ielts_scorer import error_density


def test_no_findings_prove_nothing() -> None:
    density = error_density(0, 300)
    assert density is not None
    assert (density.estimate, density.low) == (0.0, 0.0)
    assert density.high > 15


def test_the_estimate_is_corrected_by_the_detection_rate() -> None:
    density = error_density(2, 300)
    assert density is not None
    assert density.estimate == pytest.approx(10.0)
    assert density.low < 1 < density.estimate < density.high


def test_bounds_are_those_of_a_poisson_count() -> None:
    # P(X >= 3 | 1.102) = P(X <= 3 | 6.681) = 0.1, tables of the Poisson distribution
    density = error_density(3, 100)
    assert density is not None
    assert density.low == pytest.approx(1.102 / 0.25, abs=0.01)
    assert density.high == pytest.approx(min(100, 6.681 / 0.04), abs=0.01)


def test_more_findings_prove_more() -> None:
    lows = [error_density(n, 200).low for n in range(12)]  # type: ignore[union-attr]
    assert lows == sorted(lows)
    assert lows[10] > 5


def test_no_words_no_density() -> None:
    assert error_density(0, 0) is None
