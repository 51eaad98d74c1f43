import pytest

from app.services.pronunciation_engine.timing import measure_timing
from app.services.speech import SpeechSpan, Word


def words(*texts: str, each_ms: int = 250, start_ms: int = 1_000) -> list[Word]:
    return [
        Word(t, start_ms + i * each_ms, start_ms + (i + 1) * each_ms - 10, 0.9) for i, t in enumerate(texts)
    ]


def test_an_answer_worked_by_hand() -> None:
    # one two | (600 ms) three four | (1,200 ms) five
    heard = [
        Word("one", 1_000, 1_200, 0.9),
        Word("city", 1_200, 1_500, 0.9),
        Word("three", 2_100, 2_300, 0.9),
        Word("um", 2_300, 2_500, 0.9),
        Word("because", 3_700, 4_000, 0.9),
    ]
    spans = [SpeechSpan(1_000, 1_500), SpeechSpan(2_100, 2_500), SpeechSpan(3_700, 4_000)]
    timing = measure_timing(spans, heard, clause_starts=[0, 4], fillers=[3])
    assert timing is not None
    assert timing.response_ms == 3_000
    assert timing.phonation_ms == 1_200
    assert timing.syllables == 1 + 2 + 1 + 2  # the filler is no syllable of the answer
    assert [(p.duration_ms, p.place, p.before, p.after) for p in timing.pauses] == [
        (600, "mid_clause", "city", "three"),
        (1_200, "boundary", "um", "because"),
    ]
    assert [(r.syllables, r.text) for r in timing.runs] == [(3, "one city"), (1, "three um"), (2, "because")]


def test_short_gaps_are_no_pauses() -> None:
    spans = [SpeechSpan(0, 500), SpeechSpan(749, 1_000), SpeechSpan(1_250, 1_500)]
    timing = measure_timing(spans, [], (), ())
    assert timing is not None
    assert [(p.start_ms, p.end_ms) for p in timing.pauses] == [(1_000, 1_250)]


def test_silence_before_and_after_is_never_a_pause() -> None:
    timing = measure_timing([SpeechSpan(60_000, 61_000)], words("yes", start_ms=60_000), (), ())
    assert timing is not None
    assert (timing.response_ms, timing.phonation_ms, timing.pauses) == (1_000, 1_000, ())


def test_without_words_a_pause_has_no_place() -> None:
    timing = measure_timing([SpeechSpan(0, 500), SpeechSpan(1_000, 1_500)], [], (), ())
    assert timing is not None
    assert timing.pauses[0].place == "unknown"


@pytest.mark.parametrize("spans", [[], [SpeechSpan(5, 5)], [SpeechSpan(9, 3)]])
def test_no_speech_no_timing(spans: list[SpeechSpan]) -> None:
    assert measure_timing(spans, words("yes"), (), ()) is None


def test_overlapping_spans_count_once() -> None:
    timing = measure_timing([SpeechSpan(0, 1_000), SpeechSpan(500, 900), SpeechSpan(900, 1_200)], [], (), ())
    assert timing is not None
    assert (timing.response_ms, timing.phonation_ms) == (1_200, 1_200)
