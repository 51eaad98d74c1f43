"""A day is the learner's: it starts at four in the morning, wherever they are."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.training_engine import LearnerDay, UnknownTimeZone

TASHKENT = LearnerDay.named("Asia/Tashkent")
LONDON = LearnerDay.named("Europe/London")


def test_after_midnight_it_is_still_the_evening_before() -> None:
    assert TASHKENT.of(datetime(2026, 3, 1, 22, 30, tzinfo=UTC)) == date(2026, 3, 1)  # 03:30 there
    assert TASHKENT.of(datetime(2026, 3, 1, 23, 0, tzinfo=UTC)) == date(2026, 3, 2)  # 04:00 there
    assert TASHKENT.start(date(2026, 3, 2)) == datetime(2026, 3, 1, 23, tzinfo=UTC)


def test_clock_changes_leave_days_whole() -> None:
    spring = LONDON.start(date(2026, 3, 30)) - LONDON.start(date(2026, 3, 28))
    assert spring == timedelta(hours=47)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC)),
    st.sampled_from([TASHKENT, LONDON, LearnerDay.named("America/St_Johns")]),
)
def test_every_moment_lies_in_its_day(moment: datetime, days: LearnerDay) -> None:
    day = days.of(moment)
    assert days.start(day) <= moment < days.start(day + timedelta(days=1))


@pytest.mark.parametrize("name", ["", "Tashkent", "../etc/passwd", "/etc/localtime", "a" * 5_000, "\0"])
def test_what_is_no_time_zone_is_said(name: str) -> None:
    with pytest.raises(UnknownTimeZone, match="Asia/Tashkent"):
        LearnerDay.named(name)


def test_a_moment_without_a_zone_belongs_to_no_day() -> None:
    with pytest.raises(ValueError, match="time zone"):
        TASHKENT.of(datetime(2026, 3, 1))
