import numpy as np
import pytest

from app.services.pronunciation_engine.acoustics import analyse_signal, centre_ms
from tests.fakes.sound import hiss, joined, silence, voice


def test_frames_are_where_they_say_they_are() -> None:
    signal = analyse_signal(joined(silence(0.5), voice(0.5, 150), silence(0.5)))
    voiced = np.flatnonzero(signal.pitch_hz)
    assert centre_ms(int(voiced[0])) == pytest.approx(500, abs=25)
    assert centre_ms(int(voiced[-1])) == pytest.approx(1_000, abs=25)


def test_level_in_decibels() -> None:
    loud, soft = (analyse_signal(hiss(voice(1, 150, level=x))).loud_db for x in (0.2, 0.02))
    assert loud - soft == pytest.approx(20, abs=0.3)


@pytest.mark.parametrize("size", [0, 1, 639])
def test_less_than_a_window(size: int) -> None:
    signal = analyse_signal(np.zeros(size, np.float32))
    assert (signal.frames, signal.bands.shape[0]) == (0, 0)


@pytest.mark.parametrize("size", [640, 641, 2_049 * 160])
def test_every_frame_is_measured(size: int) -> None:
    signal = analyse_signal(hiss(np.zeros(size, np.float32)))
    assert signal.frames == (size - 640) // 160 + 1
    assert all(
        np.isfinite(x).all() for x in (signal.level_db, signal.sonorant_db, signal.pitch_hz, signal.bands)
    )
