"""The Speaking band from four criteria. Exact decimals: `round()` would take 6.25 to 6.0."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Literal

RoundingPolicy = Literal["nearest_half_up", "floor_half"]

_TIE = Decimal("0.5")


def to_half_band(mean: Decimal, policy: RoundingPolicy) -> Decimal:
    """Round to a half band: to the nearest with ties up, or down. Public sources disagree for Speaking."""
    doubled = mean * 2 + (_TIE if policy == "nearest_half_up" else 0)
    return doubled.to_integral_value(rounding=ROUND_FLOOR) / 2


def mean_band(bands: Sequence[Decimal], policy: RoundingPolicy) -> Decimal:
    """Return the rounded mean of criterion bands. Raises ValueError for an empty sequence."""
    if not bands:
        raise ValueError("a mean needs at least one band")
    return to_half_band(sum(bands, Decimal(0)) / len(bands), policy)


def whole_band(band: Decimal) -> Decimal:
    """Return the whole band an examiner would have to give: the highest fully reached."""
    return band.to_integral_value(rounding=ROUND_FLOOR)
