"""A week's plan: bounded, balanced, weighted to the weakest, and made anew when it no longer fits."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from app.services.hybrid_analyzer import Criterion
from app.services.training_engine import Card
from app.services.training_engine.memory import Review
from app.services.training_engine.plan import (
    CRITERIA,
    DAY_LOAD,
    DAYS,
    WeekPlan,
    missed_days,
    needs_new_plan,
    plan_week,
    shares_of,
)
from app.services.training_engine.sm2 import Sm2
from tests.services.training_engine.material import MONDAY, card, example

SENTENCE = example("She work in a hotel.", "work", "works")


def a_card(criterion: Criterion, due_in: int = 0, weight: float = 1.0) -> Card:
    made = card(f"R-{uuid4().hex[:8]}", SENTENCE, card_id=uuid4(), due=MONDAY + timedelta(days=due_in))
    return replace(made, criterion=criterion, weight=weight)


cards = st.lists(st.builds(a_card, st.sampled_from(CRITERIA), st.integers(-30, 10)), max_size=80)
bands = st.dictionaries(st.sampled_from(CRITERIA), st.sampled_from([None, 4.0, 5.5, 7.0, 9.0]))


@given(cards=cards, bands=bands, exam_in=st.none() | st.integers(-3, 30))
def test_a_plan_holds_what_is_due_once_a_day_and_never_too_much(
    cards: list[Card], bands: dict[Criterion, float | None], exam_in: int | None
) -> None:
    exam = None if exam_in is None else MONDAY + timedelta(days=exam_in)
    plan = plan_week(MONDAY, cards, bands, target_band=7.0, exam_date=exam)
    assert [d.day for d in plan.days] == [MONDAY + timedelta(days=n) for n in range(DAYS)]
    due = {str(c.id): c.due for c in cards}
    planned = [(d.day, t.task_id) for d in plan.days for t in d.tasks]
    assert len(set(planned)) == len(planned)
    assert all(due[task] <= day for day, task in planned)
    assert all(len(d.tasks) <= DAY_LOAD for d in plan.days)
    within = [c for c in cards if c.due <= MONDAY]
    assert len(plan.days[0].tasks) == min(DAY_LOAD, len(within))
    assert abs(sum(plan.shares.values()) - 1) < 0.01
    assert WeekPlan.from_json(plan.to_json()) == plan


def test_what_is_done_comes_back_when_its_schedule_says() -> None:
    once = a_card("pronunciation")
    plan = plan_week(MONDAY, [once], {"pronunciation": 6.0})
    assert [len(d.tasks) for d in plan.days] == [1, 1, 0, 0, 0, 0, 0]  # SM-2: a day, then six
    assert [t.again for d in plan.days for t in d.tasks] == [False, True]
    assert missed_days(plan, MONDAY + timedelta(days=2), {MONDAY: 1}) == ()
    twice = replace(once, memory=Sm2().review(once.memory, Review(MONDAY - timedelta(days=1), 4)))
    plan = plan_week(MONDAY, [replace(twice, due=MONDAY)], {"pronunciation": 6.0})
    assert [len(d.tasks) for d in plan.days] == [1, 0, 0, 0, 0, 0, 1]


def test_every_day_has_something_to_say_and_the_weakest_criterion_most_of_it() -> None:
    known: dict[Criterion, float | None] = {**dict.fromkeys(CRITERIA, 6.5), "fluency_coherence": 4.5}
    days = plan_week(MONDAY, [], known, target_band=7.0, exam_date=MONDAY + timedelta(days=5)).days
    assert [(d.exam is None) != (d.talk is None) for d in days] == [True] * 5 + [False, True]
    talks = [d.talk for d in days if d.talk is not None]
    assert [t.criterion for t in talks].count("fluency_coherence") > len(talks) / 2
    assert all(t.mode == "part2" for t in talks if t.criterion == "fluency_coherence")
    assert not any(d.talk for d in plan_week(MONDAY, [], {}).days)


def test_the_weakest_criterion_gets_most_and_none_is_left_out() -> None:
    waiting = [a_card(criterion) for criterion in CRITERIA for _ in range(60)]
    known: dict[Criterion, float | None] = {
        "fluency_coherence": 6.5,
        "lexical_resource": 6.5,
        "grammatical_range_accuracy": 5.0,
        "pronunciation": 6.5,
    }
    first = plan_week(MONDAY, waiting, known, target_band=7.0).days[0]
    counts = {c: sum(t.criterion == c for t in first.tasks) for c in CRITERIA}
    assert counts["grammatical_range_accuracy"] > 2 * counts["pronunciation"] > 0
    assert sum(counts.values()) == DAY_LOAD


def test_a_criterion_without_a_band_counts_as_the_mean() -> None:
    shares = shares_of({"fluency_coherence": 5.0, "lexical_resource": 6.0}, 7.0)
    assert shares["fluency_coherence"] > shares["pronunciation"] > shares["lexical_resource"]


def test_before_the_exam_practice_exams_are_full_and_part_two_is_rehearsed() -> None:
    rehearsal = replace(card("skill:long_turn", kind="skill", category=""), criterion="fluency_coherence")
    known: dict[Criterion, float | None] = {"pronunciation": 6.0}
    far = plan_week(MONDAY, [rehearsal], known)
    near = plan_week(MONDAY, [rehearsal], known, exam_date=MONDAY + timedelta(days=10))
    assert [d.exam for d in far.days] == [None, None, None, "quick", None, None, "quick"]
    assert [d.exam for d in near.days] == [None, None, None, "full", None, None, "full"]
    assert sum(bool(d.tasks) for d in near.days) > sum(bool(d.tasks) for d in far.days)


def test_a_learner_without_any_band_is_asked_to_sit_an_exam_today() -> None:
    assert [d.exam for d in plan_week(MONDAY, [], {}).days] == [
        "quick",
        None,
        None,
        "quick",
        None,
        None,
        "quick",
    ]
    soon = plan_week(MONDAY, [], {"pronunciation": None}, exam_date=MONDAY + timedelta(days=3))
    assert [d.exam for d in soon.days[:4]] == ["full", None, None, None]
    assert plan_week(MONDAY, [], {}, exam_date=MONDAY).days[0].exam is None


def test_a_plan_is_made_anew_when_it_is_over_missed_or_what_it_rests_on_changed() -> None:
    exam = uuid4()
    plan = plan_week(MONDAY, [a_card("pronunciation")], {}, target_band=7.0, analysed=exam)
    tuesday = MONDAY + timedelta(days=1)

    def stale(
        today: date, done: dict[date, int], aim: float | None = 7.0, analysed: UUID | None = exam
    ) -> bool:
        return needs_new_plan(plan, today, done, target_band=aim, exam_date=None, analysed=analysed)

    assert not stale(MONDAY, {})
    assert not stale(tuesday, {MONDAY: 1})
    assert stale(tuesday, {})
    assert missed_days(plan, tuesday, {}) == (MONDAY,)
    assert stale(tuesday, {MONDAY: 1}, aim=6.5)
    assert stale(MONDAY, {}, analysed=uuid4())
    assert stale(MONDAY + timedelta(days=DAYS), {MONDAY: 1})
    assert stale(MONDAY - timedelta(days=1), {})


def test_a_stored_plan_of_another_shape_is_no_plan() -> None:
    assert WeekPlan.from_json({"starts": "2026-03-02"}) is None
    assert WeekPlan.from_json(None) is None
