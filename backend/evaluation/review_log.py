"""Review logs as CSV: who answered which card when, and how well."""

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from app.services.training_engine import Grade, LearnerDay, Review

RATING_GRADES: Mapping[str, Grade] = {"1": 1, "2": 3, "3": 4, "4": 5}
"""Again, hard, good, easy, as review logs of flashcard programs have it."""

_CARD = ("card_id", "card")
_USER = ("user_id", "user")
_RATING = ("rating", "review_rating")
_MOMENT = ("review_time", "review_datetime", "reviewed_at")
_DAY = ("day_offset", "review_day")
_FIRST_DAY = date(2000, 1, 1)
_MILLISECONDS_FROM = 100_000_000_000
"""An epoch time from here on is in milliseconds: in seconds it would lie in the year 5138."""


class BadLog(ValueError):
    """The file is no review log; the message names the line and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each thing stands in a row."""

    card: str
    user: str | None
    grade: str
    rated: bool
    when: str
    moments: bool


def read_log(path: Path) -> list[list[Review]]:
    """Return each card's reviews, oldest first.

    Columns: `card_id`, `user_id` (optional), `rating` (1-4, again to easy) or `grade` (0-5), and
    `review_time` (epoch in seconds or milliseconds, or ISO 8601) or `day_offset` (whole days). Raises
    OSError, UnicodeDecodeError or BadLog.
    """
    cards: defaultdict[tuple[str, str], list[Review]] = defaultdict(list)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        columns = _columns(rows.fieldnames or ())
        try:
            for row in rows:
                key = (row[columns.user] or "" if columns.user else "", row[columns.card] or "")
                cards[key].append(_review(row, columns))
        except (ValueError, OverflowError, TypeError, csv.Error) as wrong:
            raise BadLog(f"line {rows.line_num} of {path}: {wrong}") from wrong
    return [sorted(reviews, key=lambda review: review.day) for reviews in cards.values()]


def _columns(names: Sequence[str]) -> Columns:
    def find(*candidates: str) -> str | None:
        return next((name for name in candidates if name in names), None)

    card, rating, grade = find(*_CARD), find(*_RATING), find("grade")
    moment, day = find(*_MOMENT), find(*_DAY)
    graded, when = rating or grade, moment or day
    if card is None or graded is None or when is None:
        raise BadLog(
            "line 1: a review log has the columns card_id, rating (1-4) or grade (0-5), and review_time or "
            f"day_offset; here are {', '.join(names) or 'none'}"
        )
    return Columns(card, find(*_USER), graded, rating is not None, when, moment is not None)


def _review(row: Mapping[str, str | None], columns: Columns) -> Review:
    said, when = (row[columns.grade] or "").strip(), (row[columns.when] or "").strip()
    return Review(
        _moment(when) if columns.moments else _FIRST_DAY + timedelta(days=int(when)), _grade(said, columns)
    )


def _grade(said: str, columns: Columns) -> Grade:
    if columns.rated:
        if said not in RATING_GRADES:
            raise BadLog(f"{columns.grade} is {said!r}, not 1 to 4")
        return RATING_GRADES[said]
    match said:
        case "0" | "1" | "2" | "3" | "4" | "5":
            grades: tuple[Grade, ...] = (0, 1, 2, 3, 4, 5)
            return grades[int(said)]
        case _:
            raise BadLog(f"{columns.grade} is {said!r}, not 0 to 5")


def _moment(when: str) -> date:
    try:
        number = float(when)
    except ValueError:
        moment = datetime.fromisoformat(when)
    else:
        moment = datetime.fromtimestamp(number / (1_000 if number >= _MILLISECONDS_FROM else 1), UTC)
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return LearnerDay.named("UTC").of(aware)
