import itertools
import random

from hypothesis import given
from hypothesis import strategies as st

from app.services.sample_learner import SampleQuestion
from app.services.sample_learner.hesitation import FILLERS, MAX_PAUSE_MS, Breath, hesitate, plain_text
from app.services.sample_learner.phrases import Mind, bundled_bank

TEXT = [
    "I live in a flat, near the park. (0.5) My mother cook there every day, and we like it.",
    "It is old.",
]


def test_written_silences_are_kept_and_not_spoken() -> None:
    breaths = hesitate(["I think (0.6) it is good"], random.Random(0))
    assert "(0.6)" not in plain_text(breaths)
    assert any(breath.pause_ms == 600 for breath in breaths)


def test_the_end_is_not_a_pause() -> None:
    assert hesitate(TEXT, random.Random(1))[-1].pause_ms == 0
    assert hesitate([], random.Random(1)) == []


def test_sentences_are_parted_by_silence() -> None:
    breaths = hesitate(["It is old. It is new."], random.Random(1))
    assert [b.text for b in breaths] == ["It is old.", "It is new."]
    assert breaths[0].pause_ms > 0


def test_over_a_whole_exam_people_hesitate_and_repeat_themselves() -> None:
    mind, rng = Mind(bundled_bank(), 1), random.Random(1)
    spoken = " ".join(
        plain_text(hesitate(mind.answer(SampleQuestion("Do you?", 1)), rng)) for _ in range(40)
    ).lower()
    words = spoken.split()
    assert any(filler.lower() in spoken for filler in FILLERS)
    assert any(a == b for a, b in itertools.pairwise(words))


@given(st.integers(0, 2**32))
def test_every_word_is_said_in_its_order_and_no_pause_is_too_long(seed: int) -> None:
    breaths = hesitate(TEXT, random.Random(seed))
    words = iter(plain_text(breaths).lower().split())
    wanted = " ".join(TEXT).replace("(0.5) ", "").lower().split()
    assert all(any(word == said for said in words) for word in wanted)
    assert all(0 <= breath.pause_ms <= MAX_PAUSE_MS for breath in breaths)
    assert all(breath.text for breath in breaths)


def test_a_breath_has_no_silence_unless_given() -> None:
    assert Breath("Yes.").pause_ms == 0
