import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.websocket.protocol import FrameKind
from client import Microphone, MicrophoneFull, Speech

FRAME_BYTES = 40 * 32


def tone(ms: int, value: int = 7) -> bytes:
    return bytes([value, 0]) * (ms * 16)


def test_silence_comes_in_contiguous_frames() -> None:
    microphone = Microphone()
    frames = [microphone.take() for _ in range(3)]
    assert [f.offset_ms for f in frames] == [0, 40, 80]
    assert [f.seq for f in frames] == [0, 1, 2]
    assert all(f.payload == bytes(FRAME_BYTES) and f.kind is FrameKind.MICROPHONE for f in frames)
    assert microphone.position_ms == 120


def test_speech_ending_inside_a_frame_is_filled_up_with_silence() -> None:
    microphone = Microphone()
    microphone.say(Speech(tone(50)))
    assert microphone.queued_ms == 50
    first, second = microphone.take(), microphone.take()
    assert first.payload == tone(40)
    assert second.payload == tone(10) + bytes(FRAME_BYTES - 10 * 32)
    assert not microphone.speaking


def test_it_says_where_speech_will_stand_in_the_stream() -> None:
    microphone = Microphone()
    microphone.take()
    spoken = microphone.say(Speech(tone(100), spans=((160, 800), (900, 1_000))))
    assert (spoken.start, spoken.start_ms) == (640, 40)
    assert spoken.spans == ((800, 1_440), (1_540, 1_640))
    after = microphone.say(Speech(tone(10)))
    assert (after.start, after.spans) == (2_240, ((2_240, 2_400),))


def test_hush_drops_what_was_not_said() -> None:
    microphone = Microphone()
    microphone.say(Speech(tone(100)))
    microphone.take()
    assert microphone.hush() == 60
    assert microphone.take().payload == bytes(FRAME_BYTES)


def test_speech_without_sound_has_no_samples() -> None:
    assert Microphone().say(Speech(b"")).spans == ()


def test_it_refuses_more_than_it_may_hold() -> None:
    microphone = Microphone(max_queued_ms=100)
    microphone.say(Speech(tone(100)))
    with pytest.raises(MicrophoneFull, match="100 ms"):
        microphone.say(Speech(tone(1)))


def test_it_refuses_half_a_sample() -> None:
    with pytest.raises(ValueError, match="two bytes"):
        Microphone().say(Speech(b"\x00\x00\x00"))


@given(st.lists(st.integers(0, 2_000), max_size=8))
def test_nothing_is_lost_or_reordered(lengths: list[int]) -> None:
    microphone = Microphone()
    said = b""
    for number, samples in enumerate(lengths, start=1):
        pcm = number.to_bytes(2, "little") * samples
        microphone.say(Speech(pcm))
        said += pcm
    sent = b""
    while microphone.speaking:
        sent += microphone.take().payload
    assert sent[: len(said)] == said
    assert not any(sent[len(said) :])
    assert len(sent) < len(said) + FRAME_BYTES
