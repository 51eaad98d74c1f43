"""Which of a client's messages are taken together."""

import pytest

from app.api.websocket.codec import decode_run, encode_event, encode_frame, runs
from app.api.websocket.protocol import AudioFrame, FrameKind, ProtocolError, Ready


def frame(offset_ms: int, ms: int = 20) -> AudioFrame:
    pcm = b"".join(at.to_bytes(4, "little") * 8 for at in range(offset_ms, offset_ms + ms))
    return AudioFrame(FrameKind.MICROPHONE, 0, offset_ms // 20, offset_ms, pcm)


def taken(*items: AudioFrame | bytes | str) -> list[AudioFrame | bytes | str]:
    """What is made of messages that were read together; bytes are those that are refused."""
    messages = [encode_frame(item) if isinstance(item, AudioFrame) else item for item in items]
    found: list[AudioFrame | bytes | str] = []
    for run in runs(messages):
        try:
            found.append(run if isinstance(run, str) else decode_run(run))
        except ProtocolError:
            assert len(run) == 1
            found.append(run[0])
    return found


def test_frames_that_follow_one_another_come_as_one() -> None:
    first, second, third = frame(0), frame(20), frame(40)
    assert taken(first, second, third) == [
        AudioFrame(FrameKind.MICROPHONE, 0, 0, 0, first.payload + second.payload + third.payload)
    ]


def test_words_stay_where_they_were_said() -> None:
    ready = encode_event(Ready()).decode()
    assert taken(frame(0), ready, frame(20)) == [frame(0), ready, frame(20)]


def test_gaps_and_repetitions_stay_visible() -> None:
    frames = (frame(0), frame(40), frame(40), frame(60), frame(20))
    assert taken(*frames) == [frame(0), frame(40), frame(40, 40), frame(20)]


def test_a_long_backlog_is_taken_in_pieces_of_bounded_length() -> None:
    found = taken(*(frame(offset_ms) for offset_ms in range(0, 1_000, 20)))
    assert [item.offset_ms for item in found if isinstance(item, AudioFrame)] == [0, 200, 400, 600, 800]


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(encode_frame(frame(20))[:19], id="half a header"),
        pytest.param(encode_frame(frame(20))[:-1], id="half a sample"),
        pytest.param(encode_frame(frame(20, 1_001)), id="too much"),
        pytest.param(b"\x09" + encode_frame(frame(20))[1:], id="of no known kind"),
    ],
)
def test_what_is_no_frame_is_refused_alone(odd: bytes) -> None:
    assert taken(frame(0), odd, frame(20), frame(40)) == [frame(0), odd, frame(20, 40)]


def test_frames_of_another_kind_are_left_to_be_refused() -> None:
    voice = AudioFrame(FrameKind.VOICE, 0, 1, 20, frame(20).payload)
    assert taken(frame(0), voice, frame(20)) == [frame(0), voice, frame(20)]
