"""How well predictions agree with references: rank correlation, weighted kappa, error."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def spearman(predicted: Floats, reference: Floats) -> float | None:
    """Return Spearman's rank correlation, tied values sharing a rank; None where a side is constant."""
    ranks = [_ranks(side) for side in (predicted, reference)]
    if len(predicted) < 2 or any(np.ptp(side) == 0 for side in ranks):
        return None
    return round(float(np.corrcoef(ranks[0], ranks[1])[0, 1]), 4)


def quadratic_kappa(predicted: Floats, reference: Floats) -> float | None:
    """Return quadratically weighted kappa over half bands (Cohen 1968); None where it is undefined.

    Both sides are rounded to half bands. It is 1 - (mean squared difference) / (that expected if the two
    sides were paired at random).
    """
    if not len(predicted):
        return None
    left, right = (np.floor(side * 2 + 0.5) for side in (predicted, reference))
    expected = float(np.mean((left[:, None] - right[None, :]) ** 2))
    if expected == 0:
        return None
    return round(1 - float(np.mean((left - right) ** 2)) / expected, 4)


def rmse(predicted: Floats, reference: Floats) -> float | None:
    """Return the root mean squared error; None for no pairs."""
    if not len(predicted):
        return None
    return round(float(np.sqrt(np.mean((predicted - reference) ** 2))), 4)


def _ranks(values: Floats) -> Floats:
    order = np.sort(values)
    first = np.searchsorted(order, values, side="left")
    last = np.searchsorted(order, values, side="right")
    ranks: Floats = (first + last + 1) / 2
    return ranks
