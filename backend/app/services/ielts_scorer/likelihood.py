"""How sure a band is: wide likelihoods over the measures give an interval around it.

Each bundle of related measures counts once, as a normal density around the mean of its band-equivalents;
bundles are taken as independent. A measure that is an estimate counts less, its width growing by half of what
its bounds are away. Error densities bound from above only, since most errors go unseen.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.services.hybrid_analyzer import Criterion
from app.services.ielts_scorer.rounding import to_half_band
from app.services.ielts_scorer.sample import Sample
from app.services.ielts_scorer.scales import bundles, scales

GRID = tuple(Decimal(n) / 2 for n in range(2, 19))
"""Bands 1.0 to 9.0."""

TAIL = 0.1
"""Left out at each end: the interval holds the middle 80 %."""

FULL_SAMPLE_MS = 180_000
_MIN_WEIGHT = 0.5
_CORRELATION = 0.6
"""Between measures of one bundle: two of them say little more than one."""
_CAPS: Mapping[Criterion, str] = {
    "grammatical_range_accuracy": "errors_per_100w",
    "lexical_resource": "word_errors_per_100w",
}
_HALF = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Interval:
    """Lowest and highest plausible band, both in half bands."""

    low: Decimal
    high: Decimal


def plausible(criterion: Criterion, sample: Sample) -> Interval | None:
    """Return the middle 80 % of the bands the measures allow, None when there is no measure for them."""
    weights = _weights(criterion, sample)
    if weights is None:
        return None
    interval = _middle(weights)
    if criterion == "grammatical_range_accuracy" and _cap(criterion, sample) is None:
        return Interval(max(GRID[0], interval.low - _HALF), interval.high)
    return interval


def expected(criterion: Criterion, sample: Sample) -> float | None:
    """Return the mean of the bands the measures allow, not rounded; None when there is no measure for them.

    Short of a band's evidence it is no band, but it tells apart whom half bands leave together.
    """
    weights = _weights(criterion, sample)
    if weights is None:
        return None
    total = math.fsum(weights)
    return math.fsum(float(band) * weight for band, weight in zip(GRID, weights, strict=True)) / total


def _weights(criterion: Criterion, sample: Sample) -> list[float] | None:
    """Return how likely each band of GRID is, not scaled; None when there is no measure."""
    by_bundle: dict[str, list[tuple[float, float]]] = {}
    for name, measure in sample.measures.items():
        scale = scales().get(name)
        if scale is None or bundles().get(scale.bundle) != criterion:
            continue
        band = scale.to_band(measure.value)
        width = scale.sigma if scale.speaks_for(measure.value) else scale.sigma * 1.5
        width += sum(abs(scale.to_band(b) - band) / 2 for b in (measure.low, measure.high) if b is not None)
        by_bundle.setdefault(scale.bundle, []).append((band, width))
    if not by_bundle:
        return None
    logs = [0.0] * len(GRID)
    for members in by_bundle.values():
        weights = [width**-2 for _, width in members]
        centre = sum(band * w for (band, _), w in zip(members, weights, strict=True)) / sum(weights)
        mean_width = sum(width for _, width in members) / len(members)
        sigma = mean_width * math.sqrt((1 + (len(members) - 1) * _CORRELATION) / len(members))
        for index, grid in enumerate(GRID):
            logs[index] -= ((float(grid) - centre) / sigma) ** 2 / 2
    weight = _sample_weight(sample)
    cap = _cap(criterion, sample)
    return [
        math.exp(weight * (value - max(logs))) * (1.0 if cap is None else _below(float(grid), *cap))
        for grid, value in zip(GRID, logs, strict=True)
    ]


def around(band: Decimal, interval: Interval | None) -> Interval:
    """Widen an interval so that it holds the band and half a band on both sides, within 1 to 9."""
    low, high = band - _HALF, band + _HALF
    if interval is not None:
        low, high = min(low, interval.low), max(high, interval.high)
    return Interval(max(GRID[0], low), min(GRID[-1], high))


def of_mean(bands: Sequence[Decimal], intervals: Sequence[Interval]) -> Interval:
    """Return the interval of the mean of several bands, taking their errors as half correlated.

    Raises ValueError for empty sequences.
    """
    if not bands:
        raise ValueError("a mean needs at least one band")
    mean = sum(bands, Decimal(0)) / len(bands)
    below = _combined([float(b - i.low) for b, i in zip(bands, intervals, strict=True)])
    above = _combined([float(i.high - b) for b, i in zip(bands, intervals, strict=True)])
    low = to_half_band(mean - Decimal(str(round(below, 3))), "nearest_half_up")
    high = to_half_band(mean + Decimal(str(round(above, 3))), "nearest_half_up")
    return around(to_half_band(mean, "nearest_half_up"), Interval(low, high))


def _combined(widths: Sequence[float]) -> float:
    squares = sum(w * w for w in widths)
    return math.sqrt(squares + 0.5 * (sum(widths) ** 2 - squares)) / len(widths)


def _sample_weight(sample: Sample) -> float:
    """Return how much a sample of this length may say, against a whole test."""
    length = sample.speech_ms if sample.speech_ms is not None else sample.words * 500
    return max(_MIN_WEIGHT, min(1.0, length / FULL_SAMPLE_MS))


def _cap(criterion: Criterion, sample: Sample) -> tuple[float, float] | None:
    """Return the band the proven error density allows, and how sharply, where errors prove anything."""
    name = _CAPS.get(criterion)
    measure = sample.measures.get(name) if name else None
    if name is None or measure is None or not measure.low:
        return None
    scale = scales()[name]
    return scale.to_band(measure.low), scale.sigma


def _below(band: float, cap: float, sigma: float) -> float:
    return 0.5 * math.erfc((band - cap) / sigma / math.sqrt(2))


def _middle(weights: list[float]) -> Interval:
    total = math.fsum(weights)
    running = 0.0
    low = high = GRID[-1]
    found_low = False
    for grid, weight in zip(GRID, weights, strict=True):
        running += weight / total
        if not found_low and running >= TAIL:
            low, found_low = grid, True
        if running >= 1 - TAIL:
            high = grid
            break
    return Interval(low, high)
