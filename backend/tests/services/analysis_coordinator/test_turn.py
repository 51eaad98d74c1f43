import json
from dataclasses import replace
from typing import Any

import pytest

from app.services.analysis_coordinator import LearnerTurn, OtherVersion, TurnAnalysis, TurnAnalyzer
from app.services.pronunciation_engine import PhoneScore, WordPhones
from app.services.pronunciation_engine.learned import PronunciationScores, SpeechResult
from app.services.speech import SpokenTurn
from tests.fakes.spoken import answers, silent_audio

SAID = "Well, (0.5) I have two brother and um (0.8) they like football because it is fun"


def test_an_analysis_survives_storage(analyzer: TurnAnalyzer) -> None:
    (turn,) = answers([(1, SAID)])
    analysis = analyzer.analyze(turn, b"")
    assert TurnAnalysis.from_json(json.loads(json.dumps(analysis.to_json()))) == analysis


def test_how_an_answer_sounded_survives_storage_with_it(analyzer: TurnAnalyzer) -> None:
    (turn,) = answers([(1, SAID)])
    phones = (PhoneScore("θ", "s", 21.5, 400, 480), PhoneScore("ɪ", "", None, 480, 560))
    heard = SpeechResult(
        "partial",
        "clipped",
        PronunciationScores(71.0, 72.5, 73.0, 70.1),
        9_000,
        (WordPhones("thin", 400, 700, 0.93, phones),),
    )
    analysis = replace(analyzer.analyze(turn, b""), pronunciation=heard)
    assert TurnAnalysis.from_json(json.loads(json.dumps(analysis.to_json()))) == analysis


def test_language_and_delivery_meet(analyzer: TurnAnalyzer) -> None:
    (turn,) = answers([(1, SAID)])
    analysis = analyzer.analyze(turn, b"")
    assert analysis.delivery.timing is not None
    assert [p.place for p in analysis.delivery.timing.pauses] == ["boundary", "mid_clause"]
    assert analysis.delivery.filled_pauses == 1
    assert [f.quote for f in analysis.language.findings] == ["two brother"]
    assert analysis.rated


@pytest.mark.parametrize(
    "change", [{"version": "turn-0"}, {"language": None}, {"delivery": {"status": "fine"}}]
)
def test_what_another_version_stored_is_not_read(analyzer: TurnAnalyzer, change: dict[str, Any]) -> None:
    (turn,) = answers([(1, SAID)])
    with pytest.raises(OtherVersion):
        TurnAnalysis.from_json({**analyzer.analyze(turn, b"").to_json(), **change})


@pytest.mark.parametrize("data", [None, [], "x", {}, 7])
def test_what_is_no_analysis_is_not_read(data: object) -> None:
    with pytest.raises(OtherVersion):
        TurnAnalysis.from_json(data)


def test_greetings_are_not_rated(analyzer: TurnAnalyzer) -> None:
    (turn,) = answers([(1, "My name is Aziz")])
    assert not analyzer.analyze(replace(turn, kind="greeting"), b"").rated


def test_an_empty_answer(analyzer: TurnAnalyzer) -> None:
    turn = LearnerTurn("t", 0, 1, None, "Why?", SpokenTurn(0, 4_000))
    analysis = analyzer.analyze(turn, silent_audio(0, 4_000))
    assert (analysis.language.words, analysis.delivery.status) == (0, "none")
    assert TurnAnalysis.from_json(json.loads(json.dumps(analysis.to_json()))) == analysis
