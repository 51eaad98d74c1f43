import json
from dataclasses import replace

import pytest

from app.services.analysis_coordinator import TurnAnalyzer, fast_summary
from tests.fakes.learners import LEVELS, learner
from tests.fakes.spoken import answers

EXAM = {"mode": "quick", "clock": "short", "reason": "completed"}


@pytest.mark.parametrize("level", LEVELS)
def test_the_summary_adds_up_without_bands(analyzer: TurnAnalyzer, level: str) -> None:
    turns = learner(level)
    analyses = [analyzer.analyze(t, b"") for t in turns]
    summary = fast_summary(analyses, **EXAM)
    assert summary["status"] == "preliminary"
    assert summary["answers"] == len(turns)
    assert summary["words"] == sum(a.language.words for a in analyses)
    assert summary["response_ms"] == sum(
        t.speech.spans[-1].end_ms - t.speech.spans[0].start_ms for t in turns
    )
    assert summary["pauses"]["count"] == sum(
        len(a.delivery.timing.pauses) for a in analyses if a.delivery.timing
    )
    assert "band" not in json.dumps({k: v for k, v in summary.items() if k not in {"findings", "next"}})
    assert {k: summary[k] for k in EXAM} == EXAM


def test_the_findings_that_matter_come_first(analyzer: TurnAnalyzer) -> None:
    turns = answers(
        [
            (1, "I have two brother and five book and three cat"),
            (1, "I am agree with this"),
            (1, "We go to home and it is more better but the weather is good today"),
        ]
    )
    summary = fast_summary([analyzer.analyze(t, b"") for t in turns], **EXAM)
    assert len(summary["findings"]) == 3
    assert [f["rule_id"] for f in summary["findings"]][:2] == ["NUM-AFTER-NUMBER", "UZ-G38"]


def test_silence_is_met_with_help(analyzer: TurnAnalyzer) -> None:
    summary = fast_summary([], **EXAM)
    assert (summary["words"], summary["speech_rate_wpm"]) == (0, None)
    assert "microphone" in summary["next"]["text"]
    assert summary["next"]["text_uz"]


def test_a_few_words_have_no_rates(analyzer: TurnAnalyzer) -> None:
    analyses = [analyzer.analyze(t, b"") for t in answers([(1, "Yes I do like it")])]
    summary = fast_summary(analyses, **EXAM)
    assert summary["speech_rate_wpm"] is None
    assert "only a little" in summary["next"]["text"]


def test_greetings_do_not_count(analyzer: TurnAnalyzer) -> None:
    greeting, answer = answers([(1, "My name is Aziz Karimov"), (1, "I live in Samarkand with my family")])
    analyses = [analyzer.analyze(replace(greeting, kind="greeting"), b""), analyzer.analyze(answer, b"")]
    assert fast_summary(analyses, **EXAM)["words"] == 7
