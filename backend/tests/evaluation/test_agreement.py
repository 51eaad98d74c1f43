"""Agreement figures against worked values."""

import numpy as np
import pytest

from evaluation.agreement import quadratic_kappa, rmse, spearman


def floats(*values: float) -> np.ndarray:
    return np.asarray(values, dtype=np.float64)


def test_spearman_of_a_worked_example() -> None:
    # IQ and hours of television, the textbook example: rho = -29/165
    iq = floats(106, 100, 86, 101, 99, 103, 97, 113, 112, 110)
    hours = floats(7, 27, 2, 50, 28, 29, 20, 12, 6, 17)
    assert spearman(iq, hours) == pytest.approx(-29 / 165, abs=1e-4)


def test_ties_share_their_rank() -> None:
    assert spearman(floats(1, 1, 2, 3), floats(5, 5, 6, 7)) == 1.0
    assert spearman(floats(1, 2, 2), floats(1, 2, 3)) == pytest.approx(0.866, abs=1e-3)


def test_kappa_of_a_worked_example() -> None:
    # squared differences 0, 1, 0, 1 half bands; by chance the mean is 2
    assert quadratic_kappa(floats(5, 5.5, 6, 6.5), floats(5, 6, 6, 6)) == pytest.approx(
        1 - 0.5 / 2.0, abs=1e-4
    )
    assert quadratic_kappa(floats(4, 5, 6), floats(4, 5, 6)) == 1.0


def test_error() -> None:
    assert rmse(floats(5, 6), floats(5, 7)) == pytest.approx(0.7071, abs=1e-4)


@pytest.mark.parametrize("values", [(), (5.0,), (5.0, 5.0)])
def test_what_cannot_be_said_is_none(values: tuple[float, ...]) -> None:
    side = floats(*values)
    assert spearman(side, side) is None
    assert quadratic_kappa(side, side) is None
    assert rmse(side, side) == (0.0 if values else None)
