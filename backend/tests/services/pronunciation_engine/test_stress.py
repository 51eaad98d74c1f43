import pytest

from app.services.pronunciation_engine.acoustics import analyse_signal
from app.services.pronunciation_engine.alignment import AlignedPhone, AlignedWord
from app.services.pronunciation_engine.stress import measure_stress
from tests.fakes.sound import joined, silence, voice

STRONG = {"seconds": 0.16, "hertz": 150.0, "level": 0.2}
WEAK = {"seconds": 0.08, "hertz": 120.0, "level": 0.08}


def heard(
    syllables: list[dict[str, float]], stress: tuple[int, ...] = (1, 0)
) -> list[tuple[int, int | None]]:
    parts, phones, now = [silence(0.1)], [], 100
    for syllable in syllables:
        length = round(syllable["seconds"] * 1_000)
        parts += [voice(syllable["seconds"], syllable["hertz"], level=syllable["level"]), silence(0.05)]
        phones += [AlignedPhone("æ", now, now + length), AlignedPhone("t", now + length, now + length + 50)]
        now += length + 50
    word = AlignedWord(0, 100, now, tuple(phones), stress)
    found = measure_stress(analyse_signal(joined(*parts, silence(0.2))), [word], ["student"])
    return [(w.expected, w.heard) for w in found]


def test_the_syllable_that_stands_out_is_heard() -> None:
    assert heard([STRONG, WEAK]) == [(0, 0)]


def test_a_moved_stress_is_named() -> None:
    assert heard([WEAK, STRONG]) == [(0, 1)]
    assert heard([STRONG, WEAK, WEAK], (0, 1, 0)) == [(1, 0)]


@pytest.mark.parametrize("kept", ["seconds", "hertz", "level"])
def test_one_sign_missing_is_not_enough_to_call_it_moved(kept: str) -> None:
    assert heard([WEAK, {**STRONG, kept: WEAK[kept]}])[0][1] != 1


def test_equal_syllables_say_nothing() -> None:
    assert heard([WEAK, WEAK])[0][1] is None


@pytest.mark.parametrize("stress", [(), (1,), (0, 0), (1, 1), (1, 0, 0)])
def test_words_without_a_known_stress_are_left_out(stress: tuple[int, ...]) -> None:
    assert heard([STRONG, WEAK], stress) == []


def test_a_vowel_without_a_voice_leaves_the_word_out() -> None:
    assert heard([STRONG, {**WEAK, "level": 0.0}]) == []
