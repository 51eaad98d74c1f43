"""Practice: no clock presses, the learner chooses what follows an answer."""

import pytest

from app.services.conversation import (
    AskAgain,
    ExamPlan,
    Finish,
    MoveOn,
    Phase,
    QuestionBank,
    StopListening,
    Tick,
    TopicUnknown,
    bundled_bank,
    plan_practice,
    topics,
)
from tests.services.conversation.sitting import SILENCE, Sitting, lines_of

BANK = bundled_bank()
PART1, PART2, PART3 = 0, 1, 2
"""Seeds of practices of the three parts."""


def practice(seed: int) -> Sitting:
    return Sitting.of("practice", seed=seed).start()


def asked(sitting: Sitting) -> str:
    assert sitting.last_question is not None
    return sitting.last_question.text


def test_an_answer_is_looked_at_before_anything_else_is_said() -> None:
    sitting = practice(PART1).open_turn()
    assert lines_of(sitting.answer("I live in a flat with my parents.")) == []
    assert sitting.exam.phase is Phase.REVIEW
    assert not sitting.exam.turn_open
    assert sitting.exam.phase_remaining_ms(sitting.now_ms) == 60_000


def test_the_same_question_as_often_as_the_learner_likes() -> None:
    sitting = practice(PART1).open_turn()
    question = asked(sitting)
    for _ in range(5):
        sitting.answer("I live in a flat with my parents.")
        assert lines_of(sitting.send(AskAgain())) == [question]
        sitting.open_turn()
    sitting.answer("In a flat.")
    sitting.send(MoveOn())
    assert asked(sitting) != question


def test_no_answer_is_cut_by_an_exam_clock() -> None:
    sitting = practice(PART1).open_turn()
    actions = sitting.answer("and so on " * 200, ms=200_000)
    assert not any(isinstance(a, StopListening) for a in actions)
    assert sitting.exam.phase is Phase.REVIEW


def test_a_choice_cuts_the_open_answer_and_counts_when_it_is_taken_down() -> None:
    sitting = practice(PART1).open_turn()
    question = asked(sitting)
    [cut] = sitting.send(AskAgain())
    assert cut == StopListening("moved_on")
    sitting.step()
    sitting.open_turn()
    assert asked(sitting) == question
    assert sitting.exam.phase is Phase.PRACTICE


def test_without_a_choice_the_next_question_comes_by_itself() -> None:
    sitting = practice(PART1).open_turn()
    question = asked(sitting)
    sitting.answer("I live in a flat.")
    sitting.now_ms = sitting.exam.next_deadline_ms() or 0
    sitting.send(Tick())
    assert asked(sitting) != question


@pytest.mark.parametrize("seed", [PART1, PART2, PART3])
def test_who_never_says_anything_is_not_asked_for_ever(seed: int) -> None:
    sitting = practice(seed)
    sitting.learner = lambda *_: SILENCE
    sitting.run()
    assert sitting.finish == Finish("no_response")


def test_passing_questions_over_is_no_silence() -> None:
    sitting = practice(PART1)
    for _ in range(6):
        sitting.send(MoveOn())
    assert not sitting.exam.finished
    assert sitting.exam.phase is Phase.PRACTICE


def test_a_talk_needs_no_second_preparation() -> None:
    sitting = practice(PART2).reach(Phase.P2_TALK).open_turn()
    sitting.answer("I want to tell you about my teacher.", ms=20_000)
    sitting.send(AskAgain())
    sitting.open_turn()
    assert sitting.phases.count(Phase.P2_PREP) == 1
    assert sitting.exam.phase is Phase.P2_TALK


@pytest.mark.parametrize("seed", [PART1, PART2, PART3])
def test_every_question_of_the_plan_is_asked_and_then_it_ends(seed: int) -> None:
    sitting = practice(seed).run()
    asked_ids = [line.question_id for line in sitting.lines if line.expects_answer]
    planned = [item.id for item in sitting.exam.plan.practice if not item.talk]
    assert list(dict.fromkeys(asked_ids)) == planned
    assert sitting.finish == Finish("completed")
    assert "band" not in " ".join(sitting.texts).lower()


@pytest.mark.parametrize(
    ("topic", "part", "first"),
    [
        ("P1-005", None, "P1-005.1"),
        ("tea and OTHER drinks", 1, "P1-005.1"),
        ("P2-02", None, "P2-02"),
        ("P2-02", 2, "P2-02"),
        ("a place where you can concentrate well", 3, "P2-02.p3.1"),
        ("Describe a place where you can concentrate well.", None, "P2-02"),
    ],
)
def test_a_topic_is_found_by_id_or_name(topic: str, part: int | None, first: str) -> None:
    plan = plan_practice(BANK, 1, topic=topic, part=part)  # type: ignore[arg-type]
    assert plan.practice[0].id == first
    assert ExamPlan.from_dict(plan.to_dict()) == plan


def test_a_theme_brings_what_the_learner_has_not_seen() -> None:
    first = plan_practice(BANK, 1, topic="food")
    second = plan_practice(BANK, 1, frozenset(first.item_ids), topic="food")
    assert not set(first.item_ids) & set(second.item_ids)


def test_every_topic_that_is_listed_can_be_practised() -> None:
    for topic in topics(BANK):
        for part in topic.parts:
            plan = plan_practice(BANK, 1, topic=topic.id, part=part)
            assert plan.practice
            assert {item.part for item in plan.practice} == {part}
            assert topic.id in plan.item_ids


def test_what_nobody_wrote_questions_on_is_said() -> None:
    with pytest.raises(TopicUnknown, match="quantum"):
        plan_practice(BANK, 1, topic="quantum physics")
    with pytest.raises(TopicUnknown):
        plan_practice(BANK, 1, topic="P1-005", part=2)
    with pytest.raises(ValueError, match="a part or a topic"):
        plan_practice(BANK, 1)
    with pytest.raises(ValueError, match="no item"):
        plan_practice(QuestionBank(part1=(), part2=()), 1, part=3)
