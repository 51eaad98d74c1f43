"""Words that are quoted as good vocabulary deserve it."""

import pytest

from app.services.analysis_coordinator import TurnAnalyzer
from app.services.analysis_coordinator.evidence import structure_examples, word_examples
from tests.fakes.spoken import Voice, answers


def praised(analyzer: TurnAnalyzer, text: str, clarity: float = 0.95) -> set[str]:
    turns = answers([(1, text)], Voice(clarity=(clarity,)))
    found = word_examples([(turn, analyzer.analyze(turn, b"")) for turn in turns])
    return {example.quote.lower() for example in found.supporting}


def test_advanced_words_are_quoted_in_the_form_they_were_said(analyzer: TurnAnalyzer) -> None:
    assert praised(analyzer, "The council abandoned the controversial proposals.") >= {"abandoned"}


def test_ordinals_and_everyday_words_beside_rare_ones_are_not(analyzer: TurnAnalyzer) -> None:
    found = praised(analyzer, "In the ninth class I run home and sat on the rug near the gate.")
    assert not found & {"ninth", "run"}


def test_words_inside_a_mistake_are_not(analyzer: TurnAnalyzer) -> None:
    assert "acknowledged" not in praised(analyzer, "He did not acknowledged the mistake.")


@pytest.mark.parametrize(("clarity", "quoted"), [(0.95, True), (0.6, False)])
def test_what_was_hardly_heard_may_be_the_recognisers_own(
    analyzer: TurnAnalyzer, clarity: float, quoted: bool
) -> None:
    found = praised(analyzer, "My father negotiates contracts.", clarity)
    assert ("negotiates" in found) == quoted


def ranged(analyzer: TurnAnalyzer, text: str) -> set[str]:
    turns = answers([(1, text)], Voice())
    found = structure_examples([(turn, analyzer.analyze(turn, b"")) for turn in turns])
    return {example.quote for example in found.supporting}


def test_a_structure_with_a_mistake_in_it_is_no_example_of_range(analyzer: TurnAnalyzer) -> None:
    right = ranged(analyzer, "The phone is useful, but if I turn it off, I can finish faster.")
    wrong = ranged(analyzer, "The phone is useful, but if I will turn it off, I can finish faster.")
    assert "if I turn" in right
    assert not any("will turn" in quote for quote in wrong)


def test_a_later_use_without_a_mistake_is_quoted_instead(analyzer: TurnAnalyzer) -> None:
    found = ranged(analyzer, "I know people who works here. We met a man who speaks French.")
    assert "who speaks" in found
    assert "who works" not in found
