import pytest

from app.services.pronunciation_engine.alignment import AlignedPhone, AlignedWord
from app.services.pronunciation_engine.rhythm import measure_rhythm, npvi_v, varco_v


def words(lengths: list[int], gap_ms: int = 50) -> tuple[AlignedWord, ...]:
    """One word a vowel, of the given lengths in milliseconds."""
    made, now = [], 0
    for index, length in enumerate(lengths):
        phones = (
            AlignedPhone("t", now, now + gap_ms),
            AlignedPhone("æ", now + gap_ms, now + gap_ms + length),
        )
        now += gap_ms + length
        made.append(AlignedWord(index, phones[0].start_ms, now, phones))
    return tuple(made)


def test_equal_vowels_have_no_variability() -> None:
    rhythm = measure_rhythm(words([100] * 30), [])
    assert rhythm is not None
    assert (npvi_v([rhythm]), varco_v([rhythm])) == (0.0, 0.0)


def test_long_and_short_in_turn_are_worked_by_hand() -> None:
    rhythm = measure_rhythm(words([150, 50] * 20 + [150]), [])
    assert rhythm is not None
    # |150 - 50| / 100 is 1; the mean is 100 and the deviation 50.
    assert npvi_v([rhythm]) == 100.0
    assert varco_v([rhythm]) == 50.0


def test_tempo_is_left_out() -> None:
    slow, fast = measure_rhythm(words([160, 80] * 20), []), measure_rhythm(words([80, 40] * 20), [])
    assert slow is not None
    assert fast is not None
    assert npvi_v([slow]) == npvi_v([fast])
    assert varco_v([slow]) == varco_v([fast])


def test_a_vowel_before_a_pause_is_left_out_and_no_pair_crosses_it() -> None:
    said = words([100, 100, 500, 100, 100, 100])
    pause = (said[2].end_ms, said[3].start_ms + 40)
    rhythm = measure_rhythm(said, [pause])
    assert rhythm is not None
    assert rhythm.durations_ms == (100, 100, 100, 100)
    assert rhythm.pairs == (0, 2)


def test_too_few_vowels_say_nothing() -> None:
    rhythm = measure_rhythm(words([100, 50] * 5), [])
    assert rhythm is not None
    assert (npvi_v([rhythm]), varco_v([rhythm])) == (None, None)
    assert npvi_v([rhythm, rhythm]) == pytest.approx(66.7, abs=0.1)
    assert measure_rhythm((), []) is None
