"""SM-2 gives the published values, whichever way the publication is read."""

from datetime import date, timedelta
from typing import Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.training_engine import Grade, Memory, Review, Sm2, replay
from app.services.training_engine.sm2 import LOWEST_EASE, MAX_INTERVAL_DAYS

START = date(2026, 3, 1)
grades = st.sampled_from(get_args(Grade))
histories = st.lists(st.tuples(grades, st.integers(-3, 60)), max_size=12)


def on_time(scheduler: Sm2, *given_grades: Grade) -> list[Memory]:
    """Review a card each time it is due."""
    memory, seen, day = scheduler.new(), [], START
    for grade in given_grades:
        memory = scheduler.review(memory, Review(day, grade))
        assert memory.due is not None
        day = memory.due
        seen.append(memory)
    return seen


def played(history: list[tuple[Grade, int]]) -> Memory:
    day, reviews = START, []
    for grade, gap in history:
        day += timedelta(days=gap)
        reviews.append(Review(day, grade))
    return replay(Sm2(), reviews)


@pytest.mark.parametrize(("multiplies", "intervals"), [("new", [1, 6, 17, 50]), ("old", [1, 6, 17, 48])])
def test_four_perfect_answers(multiplies: Literal["new", "old"], intervals: list[int]) -> None:
    seen = on_time(Sm2(multiplies), 5, 5, 5, 5)
    assert [memory.interval_days for memory in seen] == intervals
    assert [memory.ease_percent for memory in seen] == [260, 270, 280, 290]


def test_hesitation_keeps_the_factor_and_difficulty_lowers_it() -> None:
    assert [m.ease_percent for m in on_time(Sm2(), 4, 4)] == [250, 250]
    assert Sm2().review(Sm2().new(), Review(START, 3)).ease_percent == 236


def test_the_factor_has_a_floor() -> None:
    memory = Sm2().new()
    for number in range(20):
        memory = Sm2().review(memory, Review(START + timedelta(days=number), 3))
    assert memory.ease_percent == LOWEST_EASE


@pytest.mark.parametrize("grade", [0, 1, 2])
def test_a_wrong_answer_starts_again_and_leaves_the_factor(grade: Grade) -> None:
    *_, before = on_time(Sm2(), 5, 5, 5)
    assert before.due is not None
    wrong = Sm2().review(before, Review(before.due, grade))
    assert (wrong.repetitions, wrong.interval_days, wrong.lapses) == (0, 1, 1)
    assert wrong.ease_percent == before.ease_percent == 280
    right = Sm2().review(wrong, Review(before.due + timedelta(days=1), 5))
    assert (right.repetitions, right.interval_days) == (1, 1)


def test_below_four_it_comes_back_the_same_day_and_that_changes_nothing_else() -> None:
    scheduler = Sm2()
    hard = scheduler.review(scheduler.new(), Review(START, 3))
    assert (hard.due, hard.again_today) == (START, True)
    still = scheduler.review(hard, Review(START, 0))
    assert still == hard
    done = scheduler.review(still, Review(START, 5))
    assert (done.due, done.again_today) == (START + timedelta(days=1), False)
    assert (done.ease_percent, done.repetitions) == (236, 1)


def test_a_repeat_left_over_is_an_ordinary_review_on_the_next_day() -> None:
    scheduler = Sm2()
    wrong = scheduler.review(scheduler.new(), Review(START, 1))
    assert scheduler.review(wrong, Review(START + timedelta(days=1), 5)).repetitions == 1


def test_a_clock_set_back_counts_as_the_same_day() -> None:
    first = Sm2().review(Sm2().new(), Review(START, 5))
    early = Sm2().review(first, Review(START - timedelta(days=400), 5))
    assert early.last_day == START
    assert early.due == START + timedelta(days=6)


def test_recall_falls_to_nine_tenths_when_due() -> None:
    memory = Sm2().review(Sm2().new(), Review(START, 5))
    assert Sm2().recall(memory, START) == 1.0
    assert Sm2().recall(memory, START + timedelta(days=1)) == pytest.approx(0.9)
    assert Sm2().recall(Sm2().new(), START) == 0.0


@given(histories)
def test_intervals_and_days_stay_sane(history: list[tuple[Grade, int]]) -> None:
    memory = played(history)
    if memory.last_day is None:
        return
    assert memory.due is not None
    assert 1 <= memory.interval_days <= MAX_INTERVAL_DAYS
    assert memory.due >= memory.last_day
    assert memory.ease_percent is not None
    assert memory.ease_percent >= LOWEST_EASE
    assert 0 <= Sm2().recall(memory, memory.due) <= 1
    assert Memory.from_json(memory.to_json()) == memory


@given(histories, st.integers(0, 90))
def test_a_better_grade_never_brings_a_card_back_sooner(history: list[tuple[Grade, int]], gap: int) -> None:
    memory = played(history)
    day = (memory.due or START) + timedelta(days=gap)
    due = [Sm2().review(memory, Review(day, grade)).due or date.max for grade in get_args(Grade)]
    assert due == sorted(due)


def test_a_thousand_perfect_answers_do_not_run_out_of_dates() -> None:
    memory = Sm2().new()
    for _ in range(1_000):
        memory = Sm2().review(memory, Review(memory.last_day or START, 5))
    assert memory.interval_days == MAX_INTERVAL_DAYS
