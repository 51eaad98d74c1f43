"""`--mode evaluate scheduler`: how well SM-2 and FSRS foresee what learners remember.

--data FILE.csv is a review log. Each review on a later day than the card's last one is predicted before it is
shown to the scheduler; same-day repeats and first reviews are not predicted.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.services.training_engine import Fsrs, Review, Scheduler, Sm2
from app.services.training_engine.memory import PASSED
from evaluation.data_command import DataCommand
from evaluation.review_log import BadLog, read_log

_SURE = 1e-4
"""Predictions are kept this far from 0 and 1, where one surprise would cost everything."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """One prediction and what happened, with what bins it: days since, reviews and lapses before."""

    recall: float
    right: bool
    elapsed_days: int
    reviews: int
    lapses: int


def predict(scheduler: Scheduler, reviews: Sequence[Review]) -> Iterable[Prediction]:
    """Yield a prediction for every review of one card that can be predicted."""
    memory = scheduler.new()
    for number, review in enumerate(reviews):
        if memory.last_day is not None and review.day > memory.last_day:
            yield Prediction(
                min(1 - _SURE, max(_SURE, scheduler.recall(memory, review.day))),
                review.grade >= PASSED,
                (review.day - memory.last_day).days,
                number + 1,
                memory.lapses,
            )
        memory = scheduler.review(memory, review)


def figures(predictions: Sequence[Prediction]) -> dict[str, float | None]:
    """Return log loss and RMSE in bins; None without predictions."""
    if not predictions:
        return {"log_loss": None, "rmse_bins": None}
    losses = [-math.log(p.recall if p.right else 1 - p.recall) for p in predictions]
    return {
        "log_loss": round(math.fsum(losses) / len(losses), 4),
        "rmse_bins": round(_rmse_in_bins(predictions), 4),
    }


def _rmse_in_bins(predictions: Sequence[Prediction]) -> float:
    """Return the calibration error over bins of similar reviews, as the open spaced repetition benchmark."""
    bins: defaultdict[tuple[float, float, float], list[Prediction]] = defaultdict(list)
    for p in predictions:
        place = (
            _step(p.elapsed_days, 2.48, 3.62, 2),
            _step(p.reviews, 1.99, 1.89, 0),
            _step(p.lapses, 1.65, 1.73, 0),
        )
        bins[place].append(p)
    squares = 0.0
    for members in bins.values():
        foreseen = math.fsum(p.recall for p in members) / len(members)
        seen = sum(p.right for p in members) / len(members)
        squares += (foreseen - seen) ** 2 * len(members)
    return math.sqrt(squares / len(predictions))


def _step(value: int, scale: float, base: float, digits: int) -> float:
    return round(scale * base ** math.floor(math.log(value) / math.log(base)), digits) if value else 0.0


def report(cards: Sequence[Sequence[Review]]) -> dict[str, Any]:
    """Return the figures of every algorithm over the same predictions."""
    schedulers: tuple[Scheduler, ...] = (Sm2(), Fsrs())
    by_name = {s.algorithm: [p for card in cards for p in predict(s, card)] for s in schedulers}
    return {
        "cards": len(cards),
        "reviews": sum(len(card) for card in cards),
        "n": len(by_name["sm2"]),
        **{name: figures(predictions) for name, predictions in by_name.items()},
    }


def main(argv: Sequence[str]) -> int:
    """Run the evaluation; 0, or 2 with a sentence on standard error for input that cannot be read."""
    return DataCommand(
        name="scheduler",
        about=__doc__,
        metavar="FILE.csv",
        rows="a review log",
        evaluate=lambda path: report(read_log(path)),
        refused=(OSError, UnicodeDecodeError, BadLog),
    ).run(argv)
