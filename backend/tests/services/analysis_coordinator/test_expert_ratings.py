"""When the learned scores count towards the band, and when they must not."""

import pytest

from app.services.analysis_coordinator import LearnerTurn, TurnAnalysis, TurnAnalyzer
from app.services.analysis_coordinator.expert_ratings import rating_measures
from app.services.analysis_coordinator.pronunciation_scores import SessionPronunciation
from app.services.pronunciation_engine.learned import PronunciationScores, Reason, SpeechResult
from tests.fakes.spoken import answers, silent_audio

SCORES = PronunciationScores(81.0, 79.0, 78.0, 76.5)
Turns = list[tuple[LearnerTurn, TurnAnalysis]]


@pytest.fixture(scope="module")
def turns(analyzer: TurnAnalyzer) -> Turns:
    said = ["I live in the city with my family and I like it very much", "We go there every summer " * 4]
    return [(turn, analyzer.analyze(turn, b"")) for turn in answers([(1, text) for text in said])]


def heard(
    turns: Turns, *, heard_ms: int = 60_000, scores: PronunciationScores | None = SCORES, **of: Reason
) -> SessionPronunciation:
    """How answers sounded; `of` gives the reason why answer `a<n>` has no score."""
    results = []
    for number, (turn, _) in enumerate(turns):
        reason = of.get(f"a{number}")
        result = SpeechResult("none", reason) if reason else SpeechResult("ok", None, scores, heard_ms // 2)
        results.append((turn.turn_id, result))
    return SessionPronunciation("ok", None, scores, heard_ms, tuple(results))


def test_ratings_come_with_the_answers_they_are_seen_in(turns: Turns) -> None:
    low = SpeechResult("ok", None, PronunciationScores(60.0, 60.0, 60.0, 60.0), 30_000)
    result = heard(turns)
    result = SessionPronunciation("ok", None, SCORES, 60_000, (result.answers[0], (turns[1][0].turn_id, low)))
    found = rating_measures(turns, result, 180.0)
    assert {name: measure.value for name, measure in found.items()} == {
        "rated_accuracy": 81.0,
        "rated_pronunciation": 76.5,
    }
    worst = found["rated_accuracy"].opposing[0]
    assert worst.turn_id == turns[1][0].turn_id
    assert worst.quote.startswith("We go there")
    assert found["rated_accuracy"].supporting[0].turn_id == turns[0][0].turn_id


def test_too_little_speech_is_not_rated(turns: Turns) -> None:
    assert rating_measures(turns, heard(turns, heard_ms=29_000), 180.0) == {}
    assert rating_measures(turns, heard(turns, scores=None), 180.0) == {}


def test_a_voice_as_high_as_only_children_have_is_not_rated(turns: Turns) -> None:
    assert rating_measures(turns, heard(turns), 300.0) == {}
    assert rating_measures(turns, heard(turns), None) != {}


@pytest.mark.parametrize("reason", ["clipped", "other_language", "two_voices", "child_voice"])
def test_speech_that_is_unclear_in_good_part_is_not_rated(turns: Turns, reason: Reason) -> None:
    assert rating_measures(turns, heard(turns, a1=reason), 180.0) == {}


def test_an_answer_too_short_to_score_changes_nothing(turns: Turns) -> None:
    assert rating_measures(turns, heard(turns, a1="insufficient_sample"), 180.0) != {}


def test_silence_counts_for_nothing(analyzer: TurnAnalyzer) -> None:
    turn = LearnerTurn("t", 0, 1, None, "", answers([(1, "yes")])[0].speech)
    only = [(turn, analyzer.analyze(turn, silent_audio(0, 2_000)))]
    assert rating_measures(only, heard(only, a0="silence", scores=None, heard_ms=0), None) == {}
