"""Reviews on cards: the log decides, whichever scheduler reads it."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from app.services.training_engine import (
    Card,
    Fsrs,
    Grade,
    Material,
    Review,
    Scheduler,
    Sm2,
    Weakness,
    book,
    heard_again,
    new_card,
    rebooked,
    why,
)

CARD, LEARNER = uuid4(), uuid4()
DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
WEAKNESS = Weakness("R1", "rule", "grammatical_range_accuracy", Material("a → b", "because"))

grades = st.sampled_from([0, 1, 2, 3, 4, 5])
logs = st.lists(st.tuples(st.integers(0, 20), grades), max_size=12)


def card(scheduler: Scheduler) -> Card:
    return new_card(CARD, LEARNER, WEAKNESS, scheduler=scheduler, day=DAY, at=NOW)


def reviews(log: list[tuple[int, Grade]]) -> list[Review]:
    day, found = DAY, []
    for gap, grade in log:
        day += timedelta(days=gap)
        found.append(Review(day, grade))
    return found


@given(log=logs)
def test_booking_one_by_one_is_replaying_the_log(log: list[tuple[int, Grade]]) -> None:
    scheduler, done = Sm2(), reviews(log)
    booked = card(scheduler)
    for review in done:
        booked = book(booked, (), scheduler, review).card
    assert booked == rebooked(card(scheduler), done, scheduler, today=DAY) or not log


@given(log=logs, grade=grades)
def test_a_changed_scheduler_reads_the_whole_log(log: list[tuple[int, Grade]], grade: Grade) -> None:
    done = reviews(log)
    last = Review(done[-1].day if done else DAY, grade)
    switched = book(rebooked(card(Sm2()), done, Sm2(), today=DAY), done, Fsrs(), last).card
    assert switched.memory == rebooked(card(Fsrs()), [*done, last], Fsrs(), today=DAY).memory
    assert switched.reviews == len(done) + 1


@given(log=logs, grade=grades)
def test_a_card_never_comes_back_before_the_day_of_its_review(
    log: list[tuple[int, Grade]], grade: Grade
) -> None:
    for scheduler in (Sm2(), Fsrs()):
        done = reviews(log)
        before = rebooked(card(scheduler), done, scheduler, today=DAY)
        review = Review(done[-1].day if done else DAY, grade)
        booked = book(before, done, scheduler, review)
        assert booked.card.due >= review.day
        assert booked.predicted is None or 0 <= booked.predicted <= 1
        assert why(booked.card.memory, grade)


def test_the_first_review_was_not_predicted() -> None:
    first = book(card(Sm2()), (), Sm2(), Review(DAY, 5))
    assert first.predicted is None
    assert book(first.card, (), Sm2(), Review(DAY + timedelta(days=1), 5)).predicted is not None


def test_a_mistake_that_comes_back_is_merged_and_noted() -> None:
    fresh = heard_again(card(Sm2()), WEAKNESS, at=NOW)
    assert (fresh.errors, fresh.relapses, fresh.state) == (2, 0, "new")
    drilled = book(fresh, (), Sm2(), Review(DAY, 5)).card
    back = heard_again(drilled, WEAKNESS, at=NOW)
    assert (back.errors, back.relapses, back.state) == (3, 1, "relapsed")


def test_why_says_what_the_scheduler_decided() -> None:
    right = book(card(Sm2()), (), Sm2(), Review(DAY, 5)).card
    assert why(right.memory, 5) == "Right: it comes back tomorrow (SM-2, ease 2.60)."
    wrong = book(right, (), Sm2(), Review(DAY + timedelta(days=1), 2)).card
    assert why(wrong.memory, 2) == "Wrong: it comes back today, until it is answered well."
