"""Feedback on one answer: the mistakes that matter, the figures, and the answer said better."""

import pytest

from app.services.analysis_coordinator import TurnAnalyzer, TurnFeedback, turn_feedback
from tests.fakes.spoken import answers

ANSWER = (
    "Er I am student (0.6) and it depends from the teacher. He said me that many students was late "
    "(1.4) and and I must to go home because I have two brother."
)


def feedback(analyzer: TurnAnalyzer, text: str) -> TurnFeedback:
    [turn] = answers([(1, text)])
    return turn_feedback(turn, analyzer.analyze(turn, b""))


def test_two_or_three_findings_the_weightiest_first(analyzer: TurnAnalyzer) -> None:
    found = feedback(analyzer, ANSWER)
    weights = [{"high": 3, "medium": 2, "low": 1}[f.severity] * f.confidence for f in found.findings]
    assert len(found.findings) == 3
    assert weights == sorted(weights, reverse=True)
    assert "may be other mistakes" in found.note
    assert found.note_uz


def test_every_sure_correction_is_in_the_better_version(analyzer: TurnAnalyzer) -> None:
    found = feedback(analyzer, ANSWER)
    assert found.better is not None
    assert found.better.text.startswith("I am student and it depends on the teacher. He told me that")
    assert "and and" not in found.better.text
    new = set(found.better.text.lower().split()) - set(ANSWER.lower().split())
    assert new == {"on", "told", "were", "brothers."}


def test_the_figures(analyzer: TurnAnalyzer) -> None:
    measures = feedback(analyzer, ANSWER).measures
    assert measures["words"] > 20
    assert measures["speech_rate_wpm"] > 60
    assert measures["pauses"]["count"] >= 2
    assert measures["pauses"]["long"] == 1
    assert (measures["filled_pauses"], measures["repeats"]) == (1, 1)


@pytest.mark.parametrize("text", ["", "Yes.", "(2.0)"])
def test_next_to_nothing_is_told_without_rates(analyzer: TurnAnalyzer, text: str) -> None:
    found = feedback(analyzer, text)
    assert found.findings == ()
    assert found.better is None
    assert found.measures["speech_rate_wpm"] is None
    assert "no mistake for certain" in found.note
