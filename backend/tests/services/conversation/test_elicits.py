"""Questions are tagged by the grammar they call for, and an exam prefers those that call for what is open."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.conversation import Elicited, Focus, Mode, bundled_bank, plan_exam, questions_that_elicit
from app.services.conversation.elicits import elicited, elicited_by
from app.services.conversation.plan import ExamPlan, focus_of

BANK = bundled_bank()
KINDS: tuple[Elicited, ...] = get_args(Elicited)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Did you learn to write neatly at school?", {"past"}),
        ("Have you ever lost your way?", {"perfect"}),
        ("Will people still write by hand in the future?", {"future", "plural"}),
        ("Do you prefer hot or cold drinks?", {"comparison"}),
        ("Would you like to change it?", {"conditional"}),
        ("What is your job?", set()),
    ],
)
def test_a_question_says_what_it_calls_for(question: str, found: set[str]) -> None:
    assert elicited_by(question) == found


@pytest.mark.parametrize("kind", KINDS)
def test_the_bank_can_call_for_everything(kind: Elicited) -> None:
    assert any(kind in elicited(item) for item in BANK.part1)
    assert any(kind in elicited(item) for item in BANK.part2)
    assert all(kind in elicited_by(text) for text in questions_that_elicit(BANK, kind))


def test_without_a_structure_every_question_will_do() -> None:
    assert len(questions_that_elicit(BANK, None)) == sum(len(s.questions) for s in BANK.part1)


@given(seed=st.integers(0, 2**32 - 1), kind=st.sampled_from(KINDS))
def test_an_exam_prefers_what_is_open_and_stays_the_same_kind_of_exam(seed: int, kind: Elicited) -> None:
    focus = (Focus("R", kind),)
    usual, focused = (plan_exam(BANK, Mode.FULL, seed, focus=f) for f in ((), focus))
    assert focused.card is not None
    assert kind in elicited(focused.card)
    assert [f.questions for f in focused.frames] == [f.questions for f in usual.frames]
    assert (focused.rounding_off, focused.questions_a_theme) == (usual.rounding_off, usual.questions_a_theme)
    assert (usual.focus, focused.focus) == ((), focus)
    assert ExamPlan.from_dict(focused.to_dict()) == focused
    assert focus_of(focused.to_dict()) == focus


@given(seed=st.integers(0, 2**32 - 1))
def test_nothing_is_asked_again_for_the_sake_of_the_focus(seed: int) -> None:
    focus = (Focus("R", "past"),)
    first = plan_exam(BANK, Mode.QUICK, seed, focus=focus)
    second = plan_exam(BANK, Mode.QUICK, seed, set(first.item_ids), focus=focus)
    assert first.card is not None
    assert second.card is not None
    assert first.card.id != second.card.id


def test_a_plan_that_does_not_say_has_no_focus() -> None:
    assert focus_of({}) == ()
    assert focus_of({"focus": [{"rule_id": "R", "structure": "sonnet"}]}) == ()
