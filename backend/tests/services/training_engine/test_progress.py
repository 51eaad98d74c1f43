"""Progress: streaks, and retention held against the prediction."""

from datetime import timedelta

import pytest

from app.services.training_engine.progress import longest_streak, streak, verdict_of
from app.services.training_engine.store import Retention
from tests.services.training_engine.material import MONDAY


@pytest.mark.parametrize(
    ("ago", "current", "longest"),
    [
        ([], 0, 0),
        ([0], 1, 1),
        ([1, 2, 3], 3, 3),
        ([0, 1, 3, 4, 5, 6], 2, 4),
        ([2, 3], 0, 2),
        ([-1, 0, 1], 2, 3),
    ],
)
def test_streaks(ago: list[int], current: int, longest: int) -> None:
    days = [MONDAY - timedelta(days=n) for n in ago]
    assert streak(days, MONDAY) == current
    assert longest_streak(days) == longest


@pytest.mark.parametrize(
    ("retention", "verdict"),
    [
        (Retention(0, None, None), None),
        (Retention(10, 0.2, 0.9), None),
        (Retention(100, 0.88, 0.9), "as_predicted"),
        (Retention(100, 0.7, 0.9), "worse"),
        (Retention(400, 0.97, 0.9), "better"),
    ],
)
def test_a_prediction_is_judged_only_by_enough_answers(retention: Retention, verdict: str | None) -> None:
    assert verdict_of(retention) == verdict
