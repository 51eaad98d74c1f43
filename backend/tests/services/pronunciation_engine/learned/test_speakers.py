"""Whether stretches of voice are one person's or two, on places made by hand."""

import numpy as np
import pytest

from app.services.pronunciation_engine.learned import Floats
from app.services.pronunciation_engine.learned.speakers import (
    APART,
    CHILD_STRETCHES,
    LEAST_STRETCHES,
    STRETCH_FRAMES,
    Speakers,
    distance,
    stretches,
    voiced_frames,
)

WIDTH = 40
FAR = 3.0


def around(centre: int, count: int, *, seed: int = 0) -> Floats:
    """Places of one speaker: at FAR along one axis, spread by 0.15 along all."""
    places = np.random.default_rng(seed).standard_normal((count, WIDTH)) * 0.15
    places[:, centre] += FAR
    return places.astype(np.float32)


@pytest.mark.parametrize("count", [6, 12, 40, 600])
def test_one_speaker_is_not_apart_from_themselves(count: int) -> None:
    assert all(distance(around(0, count, seed=seed)) < APART / 3 for seed in range(20))


@pytest.mark.parametrize(("first", "second"), [(3, 3), (17, 3), (20, 20), (300, 30)])
def test_two_speakers_are_apart_in_whatever_order_they_speak(first: int, second: int) -> None:
    places = np.concatenate([around(0, first), around(1, second)])
    apart = distance(places)
    assert apart > 1.5 * APART
    shuffled = np.random.default_rng(0).permutation(places)
    assert distance(shuffled) == pytest.approx(apart, rel=1e-4)


@pytest.mark.parametrize("count", [4, 12, 40])
def test_distance_does_not_depend_on_how_much_is_said(count: int) -> None:
    apart = [
        distance(np.concatenate([around(0, count, seed=s), around(1, count, seed=99 + s)])) for s in (0, 1)
    ]
    assert np.mean(apart) == pytest.approx(np.sqrt(2) * 0.95, abs=0.05)


@pytest.mark.parametrize("second", range(LEAST_STRETCHES - 1))
def test_a_word_from_somebody_else_is_no_second_voice(second: int) -> None:
    assert distance(np.concatenate([around(0, 30), around(1, second)])) < APART


@pytest.mark.parametrize("count", range(2 * LEAST_STRETCHES))
def test_too_little_voice_says_nothing(count: int) -> None:
    assert distance(around(0, count)) == 0


def test_stretches_that_are_all_the_same_are_one_voice() -> None:
    assert distance(np.ones((12, WIDTH), np.float32)) == pytest.approx(0, abs=1e-5)
    assert distance(np.zeros((12, WIDTH), np.float32)) == 0


def identity() -> Speakers:
    """Projects the mean of 40 states to themselves; a child's voice lies along the third axis."""
    return Speakers(
        {
            "mean": np.zeros(2 * WIDTH, np.float32),
            "projection": np.eye(2 * WIDTH, WIDTH, dtype=np.float32),
            "child": np.eye(WIDTH, dtype=np.float32)[2],
            "child_offset": np.array(-1.0, np.float32),
        }
    )


def spoken(centre: int, count: int) -> Floats:
    """Pooled stretches of one speaker, without spread within them."""
    return np.pad(around(centre, count), ((0, 0), (0, WIDTH)))


def test_the_reason_says_what_was_heard() -> None:
    speakers = identity()
    assert speakers.problem([]) is None
    assert speakers.problem([spoken(0, 20)]) is None
    assert speakers.problem([spoken(0, 10), spoken(1, 10)]) == "two_voices"
    assert speakers.problem([spoken(2, 20)]) == "child_voice"
    assert speakers.problem([spoken(2, CHILD_STRETCHES - 1)]) is None


def test_only_what_is_spoken_and_voiced_is_pooled() -> None:
    states = np.arange(200, dtype=np.float32)[:, None] * np.ones(4, np.float32)
    voice = np.where(np.arange(125) < 62, 0.9, 0.1).astype(np.float32)  # 32 ms each: the first two seconds
    voicing = np.where(np.arange(198) % 2 == 0, 0.9, 0.1).astype(np.float32)
    frames = voiced_frames(states, voice, voicing)
    assert (frames[:, 0] % 2 == 0).all()
    assert frames[:, 0].max() < 100
    pooled = stretches(np.tile(frames, (4, 1)))
    assert pooled.shape == (len(frames) * 4 // STRETCH_FRAMES, 8)
    assert stretches(frames[:10]).shape == (0, 8)
