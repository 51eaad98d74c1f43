"""A session's scores from those of its answers, with an assessor that answers by length."""

import math
from collections.abc import Mapping

import pytest

from app.services.analysis_coordinator import LearnerTurn
from app.services.analysis_coordinator.pronunciation_scores import SESSION_S, session_pronunciation
from app.services.pronunciation_engine import PhoneScore, WordPhones
from app.services.pronunciation_engine.learned import STRETCH_S, PronunciationScores, SpeechResult, Steps
from app.services.speech import BYTES_PER_MS, SpokenTurn


class ByLength:
    """Scores every answer with a tenth of its seconds; shorter ones than a second get none."""

    def __init__(self, words: tuple[WordPhones, ...] = ()) -> None:
        self.budgets: list[float] = []
        self._words = words

    @property
    def confusions(self) -> Mapping[tuple[str, str], float]:
        return {}

    def listen(self, pcm: bytes, *, start_ms: int) -> Steps[SpeechResult]:
        yield
        return self.assess_speech(pcm, start_ms=start_ms, budget_s=math.inf)

    def assess_speech(self, pcm: bytes, *, start_ms: int, budget_s: float) -> SpeechResult:
        self.budgets.append(budget_s)
        heard_ms = len(pcm) // BYTES_PER_MS
        if heard_ms < 1_000:
            return SpeechResult("none", "insufficient_sample")
        value = heard_ms / 1_000
        return SpeechResult("ok", None, PronunciationScores(value, 60, 70, 80), heard_ms, self._words)


def answers(
    *seconds: float, heard: SpeechResult | None = None
) -> list[tuple[LearnerTurn, SpeechResult | None]]:
    turns: list[tuple[LearnerTurn, SpeechResult | None]] = []
    start = 0
    for index, length in enumerate(seconds):
        end = start + int(length * 1_000)
        turns.append((LearnerTurn(f"t{index}", index, 1, None, "", SpokenTurn(start, end)), heard))
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


def test_an_answer_too_short_for_a_score_is_named_and_missed_by_nobody() -> None:
    found = session_pronunciation(answers(10, 0.4), sound, ByLength(), lambda _: None).to_json()
    assert (found["status"], found["reason"]) == ("ok", None)
    assert found["answers"][1]["reason"] == "insufficient_sample"
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
    found = session_pronunciation(answers(*[25] * 4, 100, 50, 70), sound, assessor, lambda _: None)
    assert sum(assessor.budgets) <= SESSION_S
    assert assessor.budgets == [STRETCH_S] * 6
    assert [turn_id for turn_id, _ in found.answers] == ["t0", "t1", "t2", "t4", "t5", "t6"]
    assert (found.status, found.reason) == ("partial", "long_recording")


def test_what_was_heard_during_the_talk_is_not_listened_to_again() -> None:
    assessor = ByLength()
    heard = SpeechResult("ok", None, PronunciationScores(90, 90, 90, 90), 100_000)
    turns = answers(100, 120, heard=heard) + answers(20)
    found = session_pronunciation(turns, sound, assessor, lambda _: None)
    assert assessor.budgets == [20]
    assert (found.status, found.heard_ms) == ("ok", 220_000)
    without = session_pronunciation(turns, sound, None, lambda _: None)
    assert (without.status, without.reason, without.heard_ms) == ("partial", "long_recording", 200_000)


def test_what_another_version_heard_is_listened_to_again() -> None:
    assessor = ByLength()
    old = SpeechResult("ok", None, PronunciationScores(9, 9, 9, 9), 20_000, method_version="pronunciation-0")
    found = session_pronunciation(answers(20, heard=old), sound, assessor, lambda _: None)
    assert assessor.budgets == [20]
    assert found.scores is not None
    assert found.scores.accuracy_score == 20


def test_an_answer_that_was_refused_with_a_reason_is_not_tried_again() -> None:
    assessor = ByLength()
    heard = SpeechResult("none", "other_language")
    found = session_pronunciation(answers(20, heard=heard) + answers(10), sound, assessor, lambda _: None)
    assert assessor.budgets == [STRETCH_S]
    assert (found.status, found.reason) == ("partial", "other_language")


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
