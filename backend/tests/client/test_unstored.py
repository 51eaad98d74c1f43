"""Audio that the server has not stored yet."""

from app.api.websocket.protocol import AudioFrame
from client.unstored import UnstoredAudio


def frame(number: int) -> AudioFrame:
    return AudioFrame(1, 0, number, number * 40, bytes(40 * 32))  # type: ignore[arg-type]


def test_audio_is_kept_until_stored_within_bounds() -> None:
    audio = UnstoredAudio(max_ms=200, max_ahead_ms=80)
    for number in range(5):
        assert not audio.full
        audio.keep(frame(number))
    assert audio.full
    assert [f.seq for f in iter(audio.next, None)] == [0, 1, 2]
    audio.stored(50)
    assert (audio.held_ms, audio.full, audio.sent_ms) == (160, False, 120)
    assert [f.seq for f in iter(audio.next, None)] == [3]
    assert audio.resume(90)
    assert [f.seq for f in iter(audio.next, None)] == [2, 3, 4]
    assert not audio.resume(40)
