import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.conversation import (
    BankTooSmall,
    ExamPlan,
    Mode,
    PlanInvalid,
    QuestionBank,
    bundled_bank,
    plan_exam,
)

BANK = bundled_bank()
MODES = st.sampled_from([mode for mode in Mode if mode is not Mode.PRACTICE])
SEEDS = st.integers(0, 2**63)


@given(mode=MODES, seed=SEEDS)
def test_a_seed_gives_one_plan_that_survives_json(mode: Mode, seed: int) -> None:
    plan = plan_exam(BANK, mode, seed)
    assert plan == plan_exam(BANK, mode, seed)
    assert ExamPlan.from_dict(json.loads(json.dumps(plan.to_dict()))) == plan


@given(mode=st.sampled_from([Mode.FULL, Mode.QUICK, Mode.PART1]), seed=SEEDS)
def test_no_topic_shares_a_theme_with_another_or_with_the_card(mode: Mode, seed: int) -> None:
    plan = plan_exam(BANK, mode, seed)
    frames = [f for f in (*plan.frames, plan.reserve) if f]
    sets = [s for f in frames for s in (f.topic, f.study, f.work) if s]
    themes = [theme for s in sets for theme in s.themes] + list(plan.card.themes if plan.card else ())
    assert len(themes) == len(set(themes))


@given(seed=SEEDS)
def test_the_first_topic_is_home_or_work_and_study(seed: int) -> None:
    first = plan_exam(BANK, Mode.FULL, seed).frames[0]
    assert first.topic.frame == "home"
    assert (first.study is None) == (first.work is None)


def test_both_first_topics_occur_and_seeds_differ() -> None:
    plans = [plan_exam(BANK, Mode.FULL, seed) for seed in range(60)]
    routed = sum(plan.frames[0].study is not None for plan in plans)
    assert 10 < routed < 50
    assert len({plan.card.id for plan in plans if plan.card}) > 20


@pytest.mark.parametrize(
    ("mode", "frames", "reserve", "card"),
    [
        (Mode.FULL, 3, True, True),
        (Mode.PART1, 3, True, False),
        (Mode.PART2, 0, False, True),
        (Mode.PART3, 0, False, True),
        (Mode.QUICK, 2, False, True),
    ],
)
def test_what_a_mode_needs(mode: Mode, frames: int, reserve: bool, card: bool) -> None:
    plan = plan_exam(BANK, mode, 7)
    assert (len(plan.frames), plan.reserve is not None, plan.card is not None) == (frames, reserve, card)


def test_a_quick_exam_is_short() -> None:
    plan = plan_exam(BANK, Mode.QUICK, 7)
    assert sum(f.questions + (f.study is not None) for f in plan.frames) == 3
    assert (plan.rounding_off, plan.questions_a_theme) == (1, 1)


def test_a_learner_meets_every_card_before_one_comes_again() -> None:
    seen: set[str] = set()
    for seed in range(len(BANK.part2)):
        plan = plan_exam(BANK, Mode.PART2, seed, frozenset(seen))
        assert seen.isdisjoint(plan.item_ids)
        seen.update(plan.item_ids)
    assert plan_exam(BANK, Mode.PART2, 99, frozenset(seen)).card is not None


def test_among_unseen_items_the_least_shown_comes_first() -> None:
    rare = BANK.part2[17].id
    exposure = {card.id: 5 for card in BANK.part2} | {rare: 1}
    plan = plan_exam(BANK, Mode.PART2, 3, exposure=exposure)
    assert plan.item_ids == (rare,)


def test_unseen_beats_least_shown() -> None:
    rare = BANK.part2[17].id
    exposure = {card.id: 5 for card in BANK.part2} | {rare: 0}
    plan = plan_exam(BANK, Mode.PART2, 3, {rare}, exposure=exposure)
    assert plan.item_ids != (rare,)


def test_a_small_bank_says_so() -> None:
    with pytest.raises(BankTooSmall, match="add items"):
        plan_exam(QuestionBank(part1=BANK.part1[:2], part2=BANK.part2), Mode.FULL, 1)


@pytest.mark.parametrize("data", [{}, {"mode": "full"}, {"mode": "party", "seed": 1}])
def test_what_is_not_a_plan_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(PlanInvalid):
        ExamPlan.from_dict(data)


def test_plans_of_the_same_items_share_them() -> None:
    one, other = (ExamPlan.from_dict(plan_exam(bundled_bank(), Mode.FULL, 7).to_dict()) for _ in range(2))
    assert one == other
    assert one.card is other.card
    assert one.frames[0] is other.frames[0]
