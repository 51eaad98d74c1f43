import time
import tracemalloc
from collections.abc import Sequence

import numpy as np
import pytest

from app.services.pronunciation_engine import (
    AlignedPhone,
    AlignedWord,
    Delivery,
    assess_delivery,
    summarise,
)
from app.services.speech import SAMPLE_RATE, SpeechSpan, SpokenTurn, Utterance, Word
from tests.fakes.aligner import EvenAligner, NoAligner
from tests.fakes.sound import joined, silence, to_pcm, voice
from tests.fakes.spoken import Voice, speak


def tone(turn: SpokenTurn, level: float = 0.2) -> bytes:
    """A humming sound as long as the turn."""
    t = np.arange((turn.end_ms - turn.start_ms) * SAMPLE_RATE // 1_000) / SAMPLE_RATE
    wave = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 6))
    return (np.clip(level * wave, -1, 1) * 32_767).astype("<i2").tobytes()


def test_an_answer_with_sound() -> None:
    turn = speak("I live in (0.8) Samarkand because I like it")
    delivery = assess_delivery(turn, tone(turn), clause_starts=[0, 4], aligner=EvenAligner())
    assert (delivery.status, delivery.reason) == ("ok", None)
    assert delivery.timing is not None
    assert [(p.duration_ms, p.place) for p in delivery.timing.pauses] == [(800, "mid_clause")]
    assert delivery.pitch is not None
    assert delivery.pitch.median_hz == pytest.approx(140, rel=0.01)
    assert delivery.rhythm is not None
    assert delivery.not_measured == ()


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


def test_a_second_voice_says_so() -> None:
    turn = speak("I live in Samarkand and I like it because my family lives there and my friends too")
    seconds = (turn.end_ms - turn.start_ms) / 1_000
    both = to_pcm(joined(voice(seconds * 0.6, 115), voice(seconds * 0.4 + 4, 215)))
    delivery = assess_delivery(turn, both, aligner=EvenAligner())
    assert (delivery.status, delivery.reason, delivery.pitch) == ("partial", "two_voices", None)
    assert delivery.rhythm is not None


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
    assert assess_delivery(turn, tone(turn) + b"\x01", aligner=EvenAligner()).status == "ok"


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


def missing(delivery: Delivery) -> dict[str, str]:
    return {m.what: m.reason for m in delivery.not_measured}


def test_what_cannot_be_measured_is_named_with_its_reason() -> None:
    turn = speak("I live in (0.4) Samarkand and I like it")
    alone = {"rhythm": "not_aligned", "stress": "not_aligned", "filled_pauses_in_sound": "not_aligned"}
    assert missing(assess_delivery(turn, tone(turn))) == alone
    assert missing(assess_delivery(turn, tone(turn), aligner=NoAligner())) == alone
    assert missing(assess_delivery(turn, b"", aligner=EvenAligner())) == {
        "pitch": "no_audio",
        "rhythm": "no_audio",
        "stress": "no_audio",
        "filled_pauses_in_sound": "no_audio",
    }
    clipped = assess_delivery(turn, tone(turn, level=8.0), aligner=EvenAligner())
    assert clipped.rhythm is not None
    assert missing(clipped) == {"pitch": "clipped", "stress": "clipped", "filled_pauses_in_sound": "clipped"}
    mumbled = speak("I live in (0.4) Samarkand and I like it", Voice(clarity=(0.2,)))
    unsure = assess_delivery(mumbled, tone(mumbled), aligner=EvenAligner())
    assert missing(unsure) == {"filled_pauses_in_sound": "asr_unreliable"}
    assert missing(assess_delivery(SpokenTurn(0, 300), bytes(9_600))) == {"all": "silence"}


class Placed:
    """Gives the words the times it was made with."""

    def __init__(self, *times: tuple[int, int]) -> None:
        self._times = times

    def align(self, pcm: bytes, words: Sequence[str]) -> tuple[AlignedWord, ...]:
        """Return the words, a vowel each."""
        return tuple(AlignedWord(i, a, b, (AlignedPhone("æ", a, b),)) for i, (a, b) in enumerate(self._times))


def test_a_filled_pause_that_was_not_recognised_is_heard() -> None:
    word = voice(0.5, 140, swing=4, level=0.12)
    sound = joined(word, silence(0.3), voice(0.4, 125), silence(0.3), word)
    words = (Word("so", 10_000, 10_900, 0.9), Word("yes", 10_900, 12_000, 0.9))
    utterance = Utterance(0, "so yes", 10_000, 12_000, words)
    turn = SpokenTurn(10_000, 12_000, (utterance,), (SpeechSpan(10_000, 12_000),))
    delivery = assess_delivery(turn, to_pcm(sound), aligner=Placed((0, 500), (1_500, 2_000)))
    (pause,) = delivery.filled
    assert pause.source == "audio"
    assert (pause.start_ms, pause.end_ms) == (pytest.approx(10_800, abs=40), pytest.approx(11_200, abs=40))
    assert (summarise([delivery], [2]).filled_pauses_heard, delivery.filled_pauses) == (1, 1)


def test_pauses_go_between_the_words_as_aligned() -> None:
    words = (Word("and", 0, 900, 0.9), Word("then", 900, 1_200, 0.9), Word("home", 1_200, 2_000, 0.9))
    spans = (SpeechSpan(0, 500), SpeechSpan(1_000, 2_000))
    turn = SpokenTurn(0, 2_000, (Utterance(0, "and then home", 0, 2_000, words),), spans)
    sound = to_pcm(joined(voice(0.5, 120), silence(0.5), voice(1.0, 120)))
    rough = assess_delivery(turn, sound, clause_starts=[2])
    exact = assess_delivery(
        turn, sound, clause_starts=[2], aligner=Placed((0, 250), (250, 500), (1_000, 2_000))
    )
    assert rough.timing is not None
    assert exact.timing is not None
    assert [p.place for p in rough.timing.pauses] == ["mid_clause"]
    assert [(p.place, p.before, p.after) for p in exact.timing.pauses] == [("boundary", "then", "home")]


def test_the_same_sound_gives_the_same_delivery() -> None:
    turn = speak("I live in (0.8) Samarkand because I like it")
    first, second = (assess_delivery(turn, tone(turn), aligner=EvenAligner()) for _ in range(2))
    assert first == second


def test_a_long_answer_stays_within_its_time_and_memory() -> None:
    turn = speak("I live in (0.8) Samarkand because I like it")
    long = SpokenTurn(turn.start_ms, turn.start_ms + 240_000, turn.utterances, turn.spans)
    pcm = to_pcm(joined(*[voice(1.0, 140, swing=3), silence(0.5)] * 20)) * 8
    tracemalloc.start()
    began = time.process_time()
    delivery = assess_delivery(long, pcm)
    seconds, peak = time.process_time() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert delivery.pitch is not None
    assert seconds < 0.03 * 240
    assert peak < 200 * 2**20
