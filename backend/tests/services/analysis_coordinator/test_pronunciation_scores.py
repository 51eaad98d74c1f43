"""A session's scores from those of its answers, with an assessor that answers by length."""

from collections.abc import Mapping

import pytest

from app.services.analysis_coordinator import LearnerTurn
from app.services.analysis_coordinator.pronunciation_scores import SESSION_S, session_pronunciation
from app.services.pronunciation_engine import PhoneScore, WordPhones
from app.services.pronunciation_engine.learned import STRETCH_S, PronunciationScores, SpeechResult
from app.services.speech import BYTES_PER_MS, SpokenTurn


class ByLength:
    """Scores every answer with a tenth of its seconds; shorter ones than a second get none."""

    def __init__(self, words: tuple[WordPhones, ...] = ()) -> None:
        self.budgets: list[float] = []
        self._words = words

    @property
    def confusions(self) -> Mapping[tuple[str, str], float]:
        return {}

    def assess_speech(self, pcm: bytes, *, start_ms: int, budget_s: float) -> SpeechResult:
        self.budgets.append(budget_s)
        heard_ms = len(pcm) // BYTES_PER_MS
        if heard_ms < 1_000:
            return SpeechResult("none", "insufficient_sample")
        value = heard_ms / 1_000
        return SpeechResult("ok", None, PronunciationScores(value, 60, 70, 80), heard_ms, self._words)


def answers(*seconds: float) -> list[LearnerTurn]:
    turns, start = [], 0
    for index, length in enumerate(seconds):
        end = start + int(length * 1_000)
        turns.append(LearnerTurn(f"t{index}", index, 1, None, "", SpokenTurn(start, end)))
        start = end + 500
    return turns


def sound(start_ms: int, end_ms: int) -> bytes:
    return bytes((end_ms - start_ms) * BYTES_PER_MS)


def test_longer_answers_weigh_more() -> None:
    told: list[float] = []
    found = session_pronunciation(answers(10, 30), sound, ByLength(), told.append)
    assert (found.status, found.heard_ms) == ("ok", 40_000)
    assert found.scores is not None
    assert found.scores.accuracy_score == pytest.approx((10 * 10 + 30 * 30) / 40)
    assert told == [0.5, 1.0]


def test_an_answer_without_a_score_is_named_with_its_reason() -> None:
    found = session_pronunciation(answers(10, 0.4), sound, ByLength(), lambda _: None).to_json()
    assert (found["status"], found["reason"]) == ("partial", "insufficient_sample")
    assert found["answers"][1]["accuracy_score"] is None
    assert found["answers"][1]["turn_id"] == "t1"
    assert found["pronunciation_score"] == 80


def test_nothing_to_score_is_said_so() -> None:
    quiet = session_pronunciation(answers(0.2), sound, ByLength(), lambda _: None)
    assert (quiet.status, quiet.reason, quiet.scores) == ("none", "insufficient_sample", None)
    assert session_pronunciation([], sound, ByLength(), lambda _: None).reason == "insufficient_sample"
    assert session_pronunciation(answers(9), sound, None, lambda _: None).reason == "unavailable"


def test_of_a_long_session_a_stretch_of_the_longest_answers_is_listened_to() -> None:
    assessor = ByLength()
    found = session_pronunciation(answers(*[5] * 10, 100, 50, 70), sound, assessor, lambda _: None)
    assert sum(assessor.budgets) <= SESSION_S
    assert assessor.budgets == [STRETCH_S] * 3
    assert [turn_id for turn_id, _ in found.answers] == ["t10", "t11", "t12"]
    assert (found.status, found.reason) == ("partial", "long_recording")


def test_a_habit_that_shows_in_several_answers_becomes_a_pattern() -> None:
    def said(word: str, at: int) -> WordPhones:
        sounds = (
            PhoneScore("θ", "s", 20.0, at, at + 80),
            PhoneScore("ɪ", "ɪ", 95.0, at + 80, at + 160),
            PhoneScore("n", "n", 95.0, at + 160, at + 240),
        )
        return WordPhones(word, at, at + 240, 0.95, sounds)

    words = tuple(said(word, at) for at, word in enumerate(["thin", "think", "thing", "thick"]))
    found = session_pronunciation(answers(10, 12), sound, ByLength(words), lambda _: None).to_json()
    assert [pattern["possible"] for pattern in found["sound_patterns"]] == [True]
    assert found["sound_patterns"][0]["count"] == 8
