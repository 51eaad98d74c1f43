from dataclasses import replace

import pytest

from app.services.analysis_coordinator import LearnerTurn, TurnAnalysis, TurnAnalyzer
from app.services.analysis_coordinator.pronunciation import pronunciation_detail
from app.services.pronunciation_engine import FilledPause, NotMeasured, WordPhones, WordStress
from tests.fakes.spoken import Voice, answers


def heard(analyzer: TurnAnalyzer) -> list[tuple[LearnerTurn, TurnAnalysis]]:
    """Two answers: a word was unclear, a hum was heard, three words were stressed wrongly."""
    turns = answers(
        [(1, "I live in Samarkand with my family"), (1, "It is a big city")],
        Voice(clarity=(0.9, 0.9, 0.9, 0.3, 0.9, 0.9, 0.9)),
    )
    first, second = (analyzer.analyze(t, b"") for t in turns)
    words = ("student", "country", "people")
    delivery = replace(
        first.delivery,
        filled=(FilledPause(2_400, 2_700, "audio"),),
        stress=tuple(WordStress(w, 3_000, 3_400, 0, 1) for w in words),
        not_measured=(NotMeasured("pitch", "clipped"),),
    )
    return [(turns[0], replace(first, delivery=delivery)), (turns[1], second)]


def test_every_place_can_be_played(analyzer: TurnAnalyzer) -> None:
    turns = heard(analyzer)
    detail = pronunciation_detail(turns, {})
    (guessed,) = (g for g in detail["intelligibility"]["guessed_words"] if g["turn_id"] == "turn-0")
    assert (guessed["word"], guessed["heard_otherwise"]) == ("Samarkand", None)
    assert guessed["chance"] < 0.5
    assert guessed["start_ms"] == turns[0][0].speech.words[3].start_ms
    assert detail["filled_pauses"] == [
        {"turn_id": "turn-0", "start_ms": 2_400, "end_ms": 2_700, "source": "audio"}
    ]
    (pattern,) = detail["patterns"]
    assert (pattern["rule_id"], pattern["count"], len(pattern["examples"])) == ("UZ-S01", 3, 3)
    assert pattern["explanation_uz"]


def test_what_was_not_measured_is_counted_by_reason(analyzer: TurnAnalyzer) -> None:
    rows = pronunciation_detail(heard(analyzer), {})["not_measured"]
    assert {"what": "pitch", "reason": "clipped", "answers": 1} in rows
    assert {"what": "pitch", "reason": "no_audio", "answers": 1} in rows


def test_thresholds_are_stored_with_the_result(analyzer: TurnAnalyzer) -> None:
    thresholds = pronunciation_detail([], {})["thresholds"]
    assert thresholds["pause_ms"] == 250
    assert thresholds["filled_pause_min_ms"] == 200
    assert all(isinstance(v, int | float) for v in thresholds.values())


def test_a_second_reading_finds_words_that_were_sure_and_wrong(analyzer: TurnAnalyzer) -> None:
    (turn,) = answers([(1, "I live in a quiet town")], Voice(clarity=(0.6,)))
    turns = [(turn, analyzer.analyze(turn, b""))]
    again = {
        turn.turn_id: [
            WordPhones(text, w.start_ms, w.end_ms, 0.9, ())
            for text, w in zip(["I", "live", "in", "a", "white", "town"], turn.speech.words, strict=True)
        ]
    }
    alone = pronunciation_detail(turns, {})
    together = pronunciation_detail(turns, again)
    assert alone["intelligibility"]["guessed_ratio"] == 0
    assert {"what": "decode_disagreement", "reason": "no_second_reading", "answers": 1} in alone[
        "not_measured"
    ]
    assert together["intelligibility"]["guessed_ratio"] == pytest.approx(1 / 6, abs=0.001)
    assert together["intelligibility"]["disagreement_ratio"] == pytest.approx(1 / 6, abs=0.001)
    (guessed,) = together["intelligibility"]["guessed_words"]
    assert (guessed["word"], guessed["heard_otherwise"]) == ("quiet", "white")
    assert not [m for m in together["not_measured"] if m["what"] == "decode_disagreement"]


def test_nobody_said_anything() -> None:
    found = pronunciation_detail([], {})["intelligibility"]
    assert (found["words"], found["guessed_ratio"], found["disagreement_ratio"]) == (0, None, None)
