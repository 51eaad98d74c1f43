"""How well predictions agree with labels."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Pearson and Spearman correlation, None where one side does not vary, and the mean squared error."""

    pcc: float | None
    srcc: float | None
    mse: float

    def to_json(self) -> dict[str, float | None]:
        """Return the three figures by name."""
        return asdict(self)


def agreement(predicted: Numbers, labels: Numbers) -> Agreement:
    """Compare two series of equal length, at least one value each."""
    error = float(np.mean((predicted - labels) ** 2))
    return Agreement(_pearson(predicted, labels), _pearson(ranks(predicted), ranks(labels)), round(error, 4))


def ranks(values: Numbers) -> Numbers:
    """Ranks from 1; equal values share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    shared: Numbers = (last - (counts - 1) / 2)[inverse].astype(np.float64)
    return shared


def _pearson(left: Numbers, right: Numbers) -> float | None:
    if len(left) < 2 or np.ptp(left) == 0 or np.ptp(right) == 0:
        return None
    return round(float(np.corrcoef(left, right)[0, 1]), 4)
