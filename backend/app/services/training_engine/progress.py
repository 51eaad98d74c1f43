"""Progress told honestly: what was right of what was called for, what is fixed, what came back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from app.services.training_engine.cards import FIXED_DAYS
from app.services.training_engine.store import CriterionCount, ProgressFigures, Retention, RuleProgress

WINDOW_DAYS = 90
"""Uses and retention are counted over so many days."""

MIN_REVIEWS = 20
"""Fewer answers than this say nothing about a prediction."""

RuleState = Literal["new", "learning", "fixed", "relapsed"]


@dataclass(frozen=True, slots=True)
class RuleStanding:
    """A rule, sound or skill: how far the learner is with it."""

    rule: RuleProgress
    state: RuleState


@dataclass(frozen=True, slots=True)
class Progress:
    """`retention_verdict` says how answers compare with what the scheduler expected, None for too few.

    `streak_days` counts the days in a row with training up to today, or up to yesterday while today is
    young; `longest_streak_days` within the days looked at.
    """

    criteria: Sequence[CriterionCount]
    rules: Sequence[RuleStanding]
    retention: Retention
    retention_verdict: Literal["as_predicted", "better", "worse"] | None
    streak_days: int
    longest_streak_days: int


def progress_from(figures: ProgressFigures, today: date) -> Progress:
    """Return what the figures say."""
    return Progress(
        criteria=figures.criteria,
        rules=[RuleStanding(rule, state_of(rule)) for rule in figures.rules],
        retention=figures.retention,
        retention_verdict=verdict_of(figures.retention),
        streak_days=streak(figures.days, today),
        longest_streak_days=longest_streak(figures.days),
    )


def state_of(rule: RuleProgress) -> RuleState:
    """Return how far the learner is with a rule; the same as Card.state."""
    if rule.memory.repetitions > 0 and rule.memory.interval_days >= FIXED_DAYS:
        return "fixed"
    if rule.relapses:
        return "relapsed"
    return "learning" if rule.reviews else "new"


def verdict_of(retention: Retention) -> Literal["as_predicted", "better", "worse"] | None:
    """Hold the share of right answers against the predicted one, two standard errors to either side."""
    actual, predicted = retention.actual, retention.predicted
    if actual is None or predicted is None or retention.reviews < MIN_REVIEWS:
        return None
    room = 2 * (predicted * (1 - predicted) / retention.reviews) ** 0.5
    if abs(actual - predicted) <= room:
        return "as_predicted"
    return "better" if actual > predicted else "worse"


def streak(days: Sequence[date], today: date) -> int:
    """Return how many days in a row, newest first in `days`, lead up to today or yesterday."""
    expected = today if days and days[0] >= today else today - timedelta(days=1)
    count = 0
    for day in days:
        if day > today:
            continue
        if day != expected:
            break
        count, expected = count + 1, expected - timedelta(days=1)
    return count


def longest_streak(days: Sequence[date]) -> int:
    """Return the longest run of days in a row; `days` are newest first."""
    longest = run = 0
    before: date | None = None
    for day in days:
        run = run + 1 if before is not None and before - day == timedelta(days=1) else 1
        longest, before = max(longest, run), day
    return longest
