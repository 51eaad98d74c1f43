"""How well predictions agree with labels."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.agreement import spearman

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
    left, right = predicted.astype(np.float64), labels.astype(np.float64)
    error = round(float(np.mean((left - right) ** 2)), 4)
    return Agreement(_pearson(left, right), spearman(left, right), error)


def _pearson(left: Numbers, right: Numbers) -> float | None:
    if len(left) < 2 or np.ptp(left) == 0 or np.ptp(right) == 0:
        return None
    return round(float(np.corrcoef(left, right)[0, 1]), 4)
