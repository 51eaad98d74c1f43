"""How many errors there probably were, when a detector finds only some of them."""

import math
from dataclasses import dataclass

DETECTION_RATE = 1 / 15
"""Share of a learner's errors that are taken to be found. A little above what was measured (.054 of the edits
in annotated learner chat, exactly), so that a learner is rather given too few errors than too many."""

HIGHEST_DETECTION_RATE = 0.25
"""For learners whose errors happen to be of the kinds the rules know: what it implies counts as proven."""

LOWEST_DETECTION_RATE = 0.04
_TAIL = 0.1


@dataclass(frozen=True, slots=True)
class ErrorDensity:
    """Errors per 100 words: the estimate, and the bounds the findings support (80 %)."""

    estimate: float
    low: float
    high: float


def error_density(findings: int, words: int) -> ErrorDensity | None:
    """Estimate the density behind `findings` in `words` words; None without words.

    Findings are taken as a Poisson count thinned by the detection rate. No findings give a low bound of 0
    and a high bound far above: silence proves nothing.
    """
    if words <= 0:
        return None
    per_100 = 100 / words
    low = _poisson_mean(findings, 1 - _TAIL, lower=True) if findings else 0.0
    high = _poisson_mean(findings, _TAIL, lower=False)
    return ErrorDensity(
        estimate=round(findings / DETECTION_RATE * per_100, 2),
        low=round(low / HIGHEST_DETECTION_RATE * per_100, 2),
        high=round(min(100.0, high / LOWEST_DETECTION_RATE * per_100), 2),
    )


def _poisson_cdf(count: int, mean: float) -> float:
    term = total = math.exp(-mean)
    for k in range(1, count + 1):
        term *= mean / k
        total += term
    return min(1.0, total)


def _poisson_mean(count: int, probability: float, *, lower: bool) -> float:
    """Return the mean at which `count` or fewer (`lower`: fewer than `count`) has the given probability."""
    seen = count - 1 if lower else count
    low, high = 0.0, 3.0 * count + 20.0
    for _ in range(60):
        middle = (low + high) / 2
        if _poisson_cdf(seen, middle) > probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2
