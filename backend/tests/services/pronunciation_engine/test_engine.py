import numpy as np
import pytest

from app.services.pronunciation_engine import assess_delivery, summarise
from app.services.speech import SAMPLE_RATE, SpokenTurn
from tests.fakes.spoken import Voice, speak


def tone(turn: SpokenTurn, level: float = 0.2) -> bytes:
    """A humming sound as long as the turn."""
    t = np.arange((turn.end_ms - turn.start_ms) * SAMPLE_RATE // 1_000) / SAMPLE_RATE
    wave = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 6))
    return (np.clip(level * wave, -1, 1) * 32_767).astype("<i2").tobytes()


def test_an_answer_with_sound() -> None:
    turn = speak("I live in (0.8) Samarkand because I like it")
    delivery = assess_delivery(turn, tone(turn), clause_starts=[0, 4])
    assert (delivery.status, delivery.reason) == ("ok", None)
    assert delivery.timing is not None
    assert [(p.duration_ms, p.place) for p in delivery.timing.pauses] == [(800, "mid_clause")]
    assert delivery.pitch is not None
    assert delivery.pitch.median_hz == pytest.approx(140, rel=0.01)
    assert delivery.pause_threshold_ms == 250


def test_unclear_words_come_with_their_times() -> None:
    turn = speak("I live in Samarkand, yes", Voice(clarity=(0.9, 0.95, 0.9, 0.3, 0.45)))
    found = assess_delivery(turn, tone(turn)).intelligibility
    assert [(u.word, u.probability) for u in found.unclear] == [("Samarkand", 0.3), ("yes", 0.45)]
    assert (found.unclear[0].start_ms, found.unclear[0].end_ms) == (
        turn.words[3].start_ms,
        turn.words[3].end_ms,
    )
    assert found.unclear_share == pytest.approx(0.4)
    assert found.median_probability == 0.9


def test_fillers_do_not_count_as_unclear() -> None:
    turn = speak("I um live in Samarkand now", Voice(clarity=(0.9, 0.2, 0.9, 0.9, 0.9, 0.9)))
    delivery = assess_delivery(turn, tone(turn), fillers=[1])
    assert delivery.intelligibility.unclear == ()
    assert delivery.filled_pauses == 1


def test_sound_that_was_not_kept_leaves_pitch_out() -> None:
    delivery = assess_delivery(speak("I live in Samarkand"), b"")
    assert (delivery.status, delivery.reason, delivery.pitch) == ("partial", "no_audio", None)
    assert delivery.timing is not None


def test_clipped_sound_says_so() -> None:
    turn = speak("I live in Samarkand and I like it")
    delivery = assess_delivery(turn, tone(turn, level=8.0))
    assert (delivery.status, delivery.reason, delivery.pitch) == ("partial", "clipped", None)


def test_silence_says_so() -> None:
    turn = SpokenTurn(0, 5_000)
    assert assess_delivery(turn, bytes(5_000 * 32)).status == "none"
    assert assess_delivery(turn, bytes(5_000 * 32)).reason == "silence"


def test_nothing_at_all() -> None:
    delivery = assess_delivery(SpokenTurn(0, 0), b"")
    assert (delivery.status, delivery.reason) == ("none", "no_audio")


def test_one_word_is_too_little() -> None:
    turn = speak("Yes", Voice(syllables_per_second=4))
    delivery = assess_delivery(turn, tone(turn))
    assert (delivery.status, delivery.reason) == ("none", "insufficient_sample")


def test_speech_without_words_is_unreliable() -> None:
    heard = speak("I live in Samarkand and I like it")
    turn = SpokenTurn(heard.start_ms, heard.end_ms, (), heard.spans)
    delivery = assess_delivery(turn, tone(turn))
    assert (delivery.status, delivery.reason) == ("none", "asr_unreliable")


def test_an_odd_number_of_bytes_is_read() -> None:
    turn = speak("I live in Samarkand and I like it")
    assert assess_delivery(turn, tone(turn) + b"\x01").status == "ok"


def test_the_sum_of_two_answers_is_worked_by_hand() -> None:
    # 4 syllables a second: 8 syllables in 2 s, a pause of 1 s inside the clause, then the same again.
    voice = Voice(syllables_per_second=4, clarity=(0.9,))
    turn = speak("I am at home (1.0) in the city", voice)
    delivery = assess_delivery(turn, tone(turn), clause_starts=[0])
    summary = summarise([delivery, delivery], [7, 7])
    assert (summary.words, summary.syllables, summary.pause_count, summary.long_pause_count) == (14, 16, 2, 2)
    assert (summary.response_ms, summary.phonation_ms) == (6_000, 4_000)
    assert summary.speech_rate_wpm == 140.0
    assert summary.articulation_rate_sps == 4.0
    assert summary.speech_rate_sps == pytest.approx(16 / 6, abs=0.01)
    assert summary.mean_length_run == 4.0
    assert summary.phonation_ratio == pytest.approx(0.667)
    assert summary.mid_clause_pauses_per_100w == pytest.approx(100 * 2 / 14, abs=0.01)
    assert summary.mid_clause_pause_ratio == 1.0
    assert summary.pause_mean_ms == 1_000


def test_no_answers_no_values() -> None:
    summary = summarise([], [])
    assert summary.words == 0
    assert summary.speech_rate_wpm is None
    assert summary.mid_clause_pauses_per_100w is None
    assert summary.median_probability is None


def test_answers_without_speech_do_not_dilute_rates() -> None:
    turn = speak("I live in Samarkand and I like it")
    spoken = assess_delivery(turn, tone(turn))
    silent = assess_delivery(SpokenTurn(0, 5_000), bytes(5_000 * 32))
    assert summarise([spoken, silent], [8, 0]).speech_rate_wpm == summarise([spoken], [8]).speech_rate_wpm
