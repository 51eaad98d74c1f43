"""The report says whether rules in training held."""

import pytest

from app.adapters.spacy_parser import SpacyParser
from app.services.analysis_coordinator import LearnerTurn, TurnAnalyzer
from app.services.analysis_coordinator.evidence import Analysed
from app.services.analysis_coordinator.trained import trained_rules
from app.services.conversation import Focus
from app.services.speech import SpokenTurn, Utterance

PAST = Focus("TENSE-PAST-TIME", "past")
AGREEMENT = Focus("AGR-HE-SHE-IT", "third_person")


def answered(parser: SpacyParser, text: str) -> list[Analysed]:
    turn = LearnerTurn("t1", 0, 1, "P1-001.1", "-", SpokenTurn(0, 0, (Utterance(0, text, 0, 0),)))
    return [(turn, TurnAnalyzer(parser).analyze(turn, b""))]


@pytest.mark.parametrize(
    ("text", "required", "correct", "verdict"),
    [
        ("Yesterday I went to the park, met my friends and we ate together.", 3, 3, "held"),
        ("Yesterday I go to the park with my friends.", 1, 0, "came_back"),
        ("I usually go to the park. I went there once.", 1, 1, "too_few_uses"),
    ],
)
def test_a_structure_that_can_be_counted(
    parser: SpacyParser, text: str, required: int, correct: int, verdict: str
) -> None:
    (rule,) = trained_rules([PAST], answered(parser, text))
    assert (rule["required"], rule["correct"], rule["verdict"]) == (required, correct, verdict)


def test_a_structure_that_cannot_be_counted_never_holds(parser: SpacyParser) -> None:
    (clean,) = trained_rules([AGREEMENT], answered(parser, "He works in a bank."))
    assert (clean["required"], clean["verdict"]) == (None, "not_heard")
    (wrong,) = trained_rules([AGREEMENT], answered(parser, "He work in a bank."))
    assert (wrong["wrong"], wrong["verdict"]) == (1, "came_back")


def test_without_a_focus_there_is_nothing_to_say(parser: SpacyParser) -> None:
    assert trained_rules([], answered(parser, "He work in a bank.")) == []
