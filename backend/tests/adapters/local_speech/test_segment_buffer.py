import numpy as np

from app.adapters.local_speech.segment_buffer import SegmentBuffer, Stretch
from tests.fakes.readable_speech import spoken


def test_without_a_mark_everything_is_to_be_decoded_with_doubt() -> None:
    buffer = SegmentBuffer(1_000)
    assert buffer.stretch() is None
    buffer.append(spoken([(0, 500)]))
    assert buffer.stretch() == Stretch(1_000, 1_500, 1_000, 1_500, heard=False)


def test_margins_stay_inside_the_audio() -> None:
    buffer = SegmentBuffer(0)
    buffer.append(spoken([(0, 100), (1, 400), (0, 50)]))
    buffer.resume(100)
    buffer.pause(500)
    assert buffer.stretch() == Stretch(100, 500, 0, 550, heard=True)
    buffer.append(spoken([(0, 1_000)]))
    assert buffer.stretch() == Stretch(100, 500, 0, 700, heard=True)
    assert buffer.silence_ms == 1_050


def test_a_blip_is_nothing() -> None:
    buffer = SegmentBuffer(0)
    buffer.append(spoken([(1, 300)]))
    buffer.resume(0)
    buffer.pause(99)
    assert buffer.stretch() is None


def test_the_next_segment_has_no_marks_and_none_of_the_audio_before_it() -> None:
    buffer = SegmentBuffer(0)
    buffer.append(spoken([(1, 1_000), (2, 1_000)]))
    buffer.resume(200)
    buffer.begin_next(1_000, speaking=False)
    assert (buffer.start_ms, buffer.end_ms, buffer.voice_ms, buffer.pause_ms) == (1_000, 2_000, None, None)
    assert buffer.audio(0, 5_000) == spoken([(2, 1_000)])
    buffer.begin_next(1_500, speaking=True)
    assert (buffer.voice_ms, buffer.speaking) == (1_500, True)


def test_quietest_place_in_noisy_speech() -> None:
    rng = np.random.default_rng(1)
    loud, soft = rng.normal(0, 4_000, 16_000), rng.normal(0, 400, 800)
    buffer = SegmentBuffer(0)
    for part in (loud, soft, loud, soft, loud):
        buffer.append(part.astype("<i2").tobytes())
    assert 1_000 < buffer.quietest_ms(0, 2_000) < 1_050
    assert 2_050 < buffer.quietest_ms(1_500, 3_100) < 2_100
    assert buffer.quietest_ms(500, 560) == 560, "too short to choose"


def test_pauses_within_are_remembered_until_the_cut() -> None:
    buffer = SegmentBuffer(0)
    buffer.append(spoken([(1, 5_000)]))
    buffer.resume(0)
    for pause_ms, resume_ms in ((500, 900), (2_000, 2_600)):
        buffer.pause(pause_ms)
        buffer.resume(resume_ms)
    whole = buffer.stretch()
    assert whole is not None
    assert whole.pauses == ((500, 900), (2_000, 2_600))
    assert whole.until(1_500).pauses == ((500, 900),)
    buffer.begin_next(1_500, speaking=True)
    following = buffer.stretch()
    assert following is not None
    assert following.pauses == ((2_000, 2_600),)
