from decimal import Decimal

import pytest

from app.services.ielts_scorer.rounding import mean_band, to_half_band, whole_band


@pytest.mark.parametrize(
    ("mean", "nearest", "floor"),
    [
        ("6.00", "6.0", "6.0"),
        ("6.25", "6.5", "6.0"),
        ("6.50", "6.5", "6.5"),
        ("6.75", "7.0", "6.5"),
        ("6.125", "6.0", "6.0"),
        ("6.375", "6.5", "6.0"),
        ("6.625", "6.5", "6.5"),
        ("6.875", "7.0", "6.5"),
        ("5.25", "5.5", "5.0"),
        ("5.75", "6.0", "5.5"),
    ],
)
def test_both_policies(mean: str, nearest: str, floor: str) -> None:
    assert to_half_band(Decimal(mean), "nearest_half_up") == Decimal(nearest)
    assert to_half_band(Decimal(mean), "floor_half") == Decimal(floor)


def test_the_mean_of_four() -> None:
    bands = [Decimal(b) for b in ("6.0", "6.5", "6.0", "6.5")]
    assert mean_band(bands, "nearest_half_up") == Decimal("6.5")
    assert mean_band(bands, "floor_half") == Decimal("6.0")
    with pytest.raises(ValueError, match="at least one"):
        mean_band([], "floor_half")


def test_an_examiner_gives_the_whole_band_that_was_reached() -> None:
    assert [whole_band(Decimal(b)) for b in ("6.0", "6.5", "9.0")] == [6, 6, 9]
