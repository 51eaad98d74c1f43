import numpy as np
import pytest

from app.services.pronunciation_engine.acoustics import analyse_signal
from app.services.pronunciation_engine.pitch import Pitch, measure_pitch
from app.services.speech import SAMPLE_RATE
from tests.fakes.sound import Samples, hiss, joined, silence, voice


def pitch_of(samples: Samples) -> Pitch | None:
    return measure_pitch(analyse_signal(samples))


def known(samples: Samples) -> Pitch:
    pitch = pitch_of(hiss(samples))
    assert pitch is not None
    return pitch


@pytest.mark.parametrize("hertz", [85.0, 120.0, 180.0, 240.0, 330.0])
def test_a_steady_voice(hertz: float) -> None:
    pitch = known(voice(3, hertz))
    assert pitch.median_hz == pytest.approx(hertz, rel=0.01)
    assert pitch.range_semitones < 0.5
    assert pitch.movement_st_s < 0.5


@pytest.mark.parametrize("swing", [1.0, 3.0, 5.0])
def test_a_moving_voice(swing: float) -> None:
    pitch = known(voice(4, 150, swing=swing))
    assert pitch.range_semitones == pytest.approx(2 * swing * 0.99, rel=0.12)
    assert pitch.sd_semitones == pytest.approx(swing / np.sqrt(2), rel=0.12)
    # Twice a second up and down: four times the swing, twice.
    assert pitch.movement_st_s == pytest.approx(8 * swing, rel=0.15)


def test_a_glide_is_measured_by_its_slope() -> None:
    assert known(voice(2, 150, glide=6)).movement_st_s == pytest.approx(3.0, rel=0.15)


def test_a_pause_between_two_pitches_is_no_movement() -> None:
    assert known(joined(voice(1, 120), silence(0.5), voice(1, 200))).movement_st_s < 1.0


def test_level_does_not_matter() -> None:
    sound = hiss(voice(3, 150, swing=3))
    loud, soft = pitch_of(sound), pitch_of(sound * np.float32(0.25))
    assert loud is not None
    assert soft is not None
    assert loud.range_semitones == pytest.approx(soft.range_semitones, abs=0.05)


def test_pauses_and_hiss_have_no_pitch() -> None:
    rng = np.random.default_rng(2)
    assert pitch_of((0.05 * rng.standard_normal(SAMPLE_RATE * 3)).astype(np.float32)) is None
    assert pitch_of(np.zeros(SAMPLE_RATE, dtype=np.float32)) is None
    assert pitch_of(np.zeros(10, dtype=np.float32)) is None


def test_too_little_voice_says_nothing() -> None:
    assert pitch_of(hiss(voice(0.3, 150))) is None
