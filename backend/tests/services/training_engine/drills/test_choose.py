"""Types of drill take turns, every rule has one, and the same card shows the same drill."""

from typing import get_args

import pytest

from app.services.hybrid_analyzer import DEFAULT_RULES, VOTED_RULES
from app.services.hybrid_analyzer.llm import MODEL_FINDINGS
from app.services.pronunciation_engine import UZBEK_SOUNDS
from app.services.training_engine.drills import (
    DrillNotPossible,
    DrillType,
    drill_of,
    drill_types,
    kinds_with,
    normal_words,
    place_of,
)
from app.services.training_engine.from_session import SKILL_OF_STEP
from tests.services.training_engine.material import card, example

WORKS = example("She work in a hotel.", "work", "works")


def test_drills_of_a_rule_take_turns() -> None:
    types = [drill_of(card("AGR-HE-SHE-IT", WORKS, reviews=n)).type for n in range(6)]
    assert types == ["correct", "gap", "transform", "shadow", "expand", "correct"]


def test_the_learners_own_sentences_come_first_and_then_the_rule_books() -> None:
    first = drill_of(card("AGR-HE-SHE-IT", WORKS))
    assert (first.text, first.expected) == ("She work in a hotel.", ("She works in a hotel.",))
    second = drill_of(card("AGR-HE-SHE-IT", WORKS, reviews=5))
    assert second.type == "correct"
    assert second.text != first.text


def test_the_same_card_shows_the_same_drill() -> None:
    assert drill_of(card("AGR-HE-SHE-IT", WORKS, reviews=3)) == drill_of(
        card("AGR-HE-SHE-IT", WORKS, reviews=3)
    )


def test_a_gap_leaves_out_the_correction() -> None:
    drill = drill_of(card("AGR-HE-SHE-IT", WORKS), "gap")
    assert (drill.text, drill.hint) == ("She _____ in a hotel.", "work")


def test_a_word_too_many_makes_no_gap() -> None:
    extra = example("We discussed about this.", "about ", "")
    assert "gap" not in drill_types(card("NOT-IN-THE-BOOK", extra, category="U:PREP"))


def test_a_type_the_card_does_not_have_is_refused() -> None:
    with pytest.raises(DrillNotPossible, match="correct"):
        drill_of(card("AGR-HE-SHE-IT", WORKS), "retell")


@pytest.mark.parametrize(
    ("target", "category"),
    [(r.id, r.category) for r in (*DEFAULT_RULES, *VOTED_RULES)]
    + [(m.rule_id, m.category) for m in MODEL_FINDINGS],
)
def test_every_rule_can_be_drilled_and_its_right_answers_are_right(target: str, category: str) -> None:
    for reviews in range(12):
        drill = drill_of(card(target, reviews=reviews, category=category))
        assert drill.text
        assert drill.instruction_uz
        if drill.right:
            assert place_of(normal_words(drill.expected[0]), drill.right[0]) is not None, drill
            for wrong in drill.wrong:
                assert place_of(normal_words(drill.expected[0]), wrong) is None, drill


@pytest.mark.parametrize("rule", UZBEK_SOUNDS, ids=lambda rule: rule.id)
def test_every_sound_can_be_drilled(rule: object) -> None:
    pairs = getattr(rule, "minimal_pairs", ())
    spoken = card("UZ-P01", example("west", "west", "west"), kind="sound", category="", pairs=pairs)
    assert drill_of(spoken).focus
    assert drill_of(spoken, "shadow").text == "I said west."


@pytest.mark.parametrize("skill", sorted({*SKILL_OF_STEP.values(), "skill:long_turn"}))
def test_every_skill_has_its_drill(skill: str) -> None:
    for reviews in range(8):
        assert drill_of(card(skill, kind="skill", category="", reviews=reviews)).text


def test_every_type_of_drill_is_of_some_kind_of_card() -> None:
    assert all(kinds_with(drill) for drill in get_args(DrillType))
