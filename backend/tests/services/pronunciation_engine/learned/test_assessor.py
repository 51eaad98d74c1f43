"""Statuses, bounds and word results with scripted ears and the product's own weights."""

import numpy as np
import pytest

from app.services.pronunciation_engine.learned import (
    Floats,
    Heard,
    PronunciationAssessor,
    Reference,
    load_weights,
    next_step,
)
from app.services.pronunciation_engine.learned.assessor import MIN_SECONDS
from app.services.speech import SAMPLE_RATE
from tests.fakes.heard import ScriptedEars, heard, word

SENTENCE = ("the", "red", "paper", "think")
TEXT: Reference = [(item.text, item.phones) for item in map(word, SENTENCE)]


def hum(seconds: float, level: float = 0.1) -> bytes:
    t = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (level * np.sin(2 * np.pi * 150 * t) * 32_767).astype("<i2").tobytes()


def clear(_seconds: float, reference: Reference) -> Heard:
    return heard([word(item) for item in SENTENCE], reference=reference)


@pytest.fixture(scope="module")
def weights() -> dict[str, Floats]:
    return load_weights()


def test_an_answer_is_scored_on_scales_of_a_hundred(weights: dict[str, Floats]) -> None:
    result = PronunciationAssessor(ScriptedEars(clear), weights).assess_speech(hum(5))
    assert (result.status, result.reason, result.heard_ms) == ("ok", None, 5_000)
    assert result.scores is not None
    scores = result.scores
    values = (scores.accuracy_score, scores.fluency_score, scores.prosody_score, scores.pronunciation_score)
    assert all(0 <= value <= 100 for value in values)


def test_half_an_hour_is_sampled(weights: dict[str, Floats]) -> None:
    ears = ScriptedEars(clear)
    result = PronunciationAssessor(ears, weights).assess_speech(hum(1_800))
    assert (result.status, result.reason) == ("partial", "long_recording")
    assert 40 <= sum(ears.listened) <= 60
    assert max(ears.listened) <= 12


def test_listening_in_steps_gives_the_same_as_at_once(weights: dict[str, Floats]) -> None:
    assessor = PronunciationAssessor(ScriptedEars(clear), weights)
    pcm = hum(50)
    steps = assessor.listen(pcm, start_ms=3_000)
    pauses = 0
    while (found := next_step(steps)) is None:
        pauses += 1
    assert pauses >= 5
    assert found == assessor.assess_speech(pcm, start_ms=3_000)
    assert (found.status, found.heard_ms) == ("ok", 50_000)


def test_the_part_of_an_answer_that_is_clipped_is_left_out(weights: dict[str, Floats]) -> None:
    result = PronunciationAssessor(ScriptedEars(clear), weights).assess_speech(
        hum(11) + b"\xff\x7f" * (20 * SAMPLE_RATE)
    )
    assert (result.status, result.reason) == ("partial", "clipped")
    assert result.scores is not None
    assert result.heard_ms < 13_000


@pytest.mark.parametrize(
    ("pcm", "reason"),
    [
        (b"", "no_audio"),
        (b"\0", "no_audio"),
        (bytes(SAMPLE_RATE * 4), "silence"),
        (hum(0.3), "insufficient_sample"),
        (b"\xff\x7f" * SAMPLE_RATE, "clipped"),
    ],
)
def test_unfit_recordings_are_not_listened_to(pcm: bytes, reason: str, weights: dict[str, Floats]) -> None:
    ears = ScriptedEars(clear)
    assessor = PronunciationAssessor(ears, weights)
    assert (assessor.assess_speech(pcm).status, assessor.assess_speech(pcm).reason) == ("none", reason)
    assert (assessor.assess_reading(pcm, TEXT).status, assessor.assess_reading(pcm, TEXT).reason) == (
        "none",
        reason,
    )
    assert ears.listened == []


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (heard([], voice=0.1), "no_speech"),
        (heard([word("the")], voice=0.9), "insufficient_sample"),
        (heard([], said=["AA"] * 40, voice=0.9), "asr_unreliable"),
        (heard([word("paper")] * 20, voice=0.9, score=-3.0), "asr_unreliable"),
        (heard([word("paper")] * 20, voice=0.9, score=-1.2, english=0.01), "other_language"),
    ],
)
def test_speech_that_cannot_be_judged_gets_a_reason(
    found: Heard, reason: str, weights: dict[str, Floats]
) -> None:
    result = PronunciationAssessor(ScriptedEars(lambda *_: found), weights).assess_speech(hum(5))
    assert (result.status, result.reason, result.scores) == ("none", reason, None)


def test_a_short_foreign_looking_answer_is_scored_all_the_same(weights: dict[str, Floats]) -> None:
    found = heard([word("paper")] * 3, voice=0.9, score=-1.2, english=0.01)
    assert PronunciationAssessor(ScriptedEars(lambda *_: found), weights).assess_speech(hum(5)).status == "ok"


def test_words_of_a_known_text_come_with_expected_and_heard_phones(weights: dict[str, Floats]) -> None:
    said = [p.name for item in map(word, ("the", "red", "paper", "sink")) for p in item.phones]

    def script(_seconds: float, reference: Reference) -> Heard:
        return heard([word(i) for i in ("the", "red", "paper", "sink")], said=said, reference=reference)

    result = PronunciationAssessor(ScriptedEars(script), weights).assess_reading(hum(3), TEXT)
    assert result.status == "ok"
    assert [item.word for item in result.words] == list(SENTENCE)
    last = result.words[-1].phones[0]
    assert (last.phone, last.sound_most_like) == ("θ", "s")
    others = [phone for item in result.words for phone in item.phones if phone is not last]
    assert all(phone.phone == phone.sound_most_like for phone in others)
    assert last.accuracy_score < min(phone.accuracy_score for phone in others)
    times = [(phone.start_ms, phone.end_ms) for item in result.words for phone in item.phones]
    assert times == sorted(times)


def test_a_word_left_out_is_an_omission(weights: dict[str, Floats]) -> None:
    kept = ("the", "red", "think")

    def script(_seconds: float, reference: Reference) -> Heard:
        return heard([word(item) for item in kept], reference=reference)

    result = PronunciationAssessor(ScriptedEars(script), weights).assess_reading(hum(3), TEXT)
    missing = result.words[2]
    assert (missing.word, missing.error_type, missing.end_ms - missing.start_ms) == ("paper", "Omission", 0)
    assert {phone.sound_most_like for phone in missing.phones} == {""}
    assert all(item.error_type != "Omission" for item in result.words if item.word != "paper")


def test_another_text_is_not_scored(weights: dict[str, Floats]) -> None:
    def script(_seconds: float, reference: Reference) -> Heard:
        return heard(
            [word("sink")] * 12, reference=[("the", word("the").phones), ("red", word("red").phones)]
        )

    result = PronunciationAssessor(ScriptedEars(script), weights).assess_reading(hum(3), TEXT)
    assert (result.status, result.reason) == ("none", "other_text")


def test_a_text_without_words_is_refused(weights: dict[str, Floats]) -> None:
    assessor = PronunciationAssessor(ScriptedEars(clear), weights)
    with pytest.raises(ValueError, match="at least one English word"):
        assessor.assess_text(hum(3), "123 ...")
    with pytest.raises(ValueError, match="at least one English word"):
        assessor.assess_reading(hum(3), [("shh", ())])


def test_a_text_is_looked_up(weights: dict[str, Floats]) -> None:
    result = PronunciationAssessor(ScriptedEars(clear), weights).assess_text(hum(3), "The red paper think")
    assert [item.word for item in result.words] == list(SENTENCE)


def test_minimum_length_is_half_a_second(weights: dict[str, Floats]) -> None:
    ears = ScriptedEars(clear)
    PronunciationAssessor(ears, weights).assess_speech(hum(MIN_SECONDS))
    assert ears.listened == [MIN_SECONDS]


def test_words_of_free_speech_carry_phones_at_session_times(weights: dict[str, Floats]) -> None:
    result = PronunciationAssessor(ScriptedEars(clear), weights).assess_speech(hum(5), start_ms=70_000)
    assert [(item.word, item.known_text) for item in result.words] == [(text, False) for text in SENTENCE]
    assert 70_000 <= result.words[0].start_ms < result.words[-1].end_ms <= 75_000
    assert [p.phone for p in result.words[1].phones] == ["r", "e", "d"]
    assert result.words[0].probability == pytest.approx(0.951, abs=0.001)


def test_words_without_a_probability_of_their_own_are_not_sure(weights: dict[str, Floats]) -> None:
    found = clear(5, ())
    spread = Heard(found.tracks, found.words, exact=False)
    result = PronunciationAssessor(ScriptedEars(lambda *_: spread), weights).assess_speech(hum(5))
    assert {item.probability for item in result.words} == {0.0}


def test_confusions_are_rates(weights: dict[str, Floats]) -> None:
    rates = PronunciationAssessor(ScriptedEars(clear), weights).confusions
    assert all(0 < rate < 0.1 and one != other for (one, other), rate in rates.items())
