"""How a session takes its mail."""

from uuid import UUID

from app.api.websocket.clock import Clock
from app.api.websocket.connection import Connection
from app.api.websocket.mailbox import Attached, Mailbox, Received
from app.api.websocket.protocol import AudioFrame, ClientMessage, FrameKind, Ready
from tests.virtual_time import virtual_time


def frame(offset_ms: int, ms: int = 20) -> AudioFrame:
    pcm = b"".join(at.to_bytes(4, "little") * 8 for at in range(offset_ms, offset_ms + ms))
    return AudioFrame(FrameKind.MICROPHONE, 0, offset_ms // 20, offset_ms, pcm)


async def taken(*items: ClientMessage | AudioFrame) -> list[object]:
    """What a session gets that was busy while all of it came."""
    clock = Clock()
    mailbox = Mailbox(UUID(int=1), UUID(int=2), clock, max_bytes=1_000_000)
    connection = Connection(clock, max_bytes=1_000, max_errors=5)
    mailbox.attach(connection)
    for item in items:
        await mailbox.receive(connection, item, 700)
    assert isinstance(mailbox.take(), Attached)
    found = []
    while (mail := mailbox.take()) is not None:
        assert isinstance(mail, Received)
        found.append(mail.item)
    return found


@virtual_time
async def test_frames_that_follow_one_another_come_as_one() -> None:
    first, second, third = frame(0), frame(20), frame(40)
    assert await taken(first, second, third) == [
        AudioFrame(FrameKind.MICROPHONE, 0, 0, 0, first.payload + second.payload + third.payload)
    ]


@virtual_time
async def test_words_stay_where_they_were_said() -> None:
    assert await taken(frame(0), Ready(), frame(20)) == [frame(0), Ready(), frame(20)]


@virtual_time
async def test_gaps_and_repetitions_stay_visible() -> None:
    frames = (frame(0), frame(40), frame(40), frame(60), frame(20))
    assert await taken(*frames) == [frame(0), frame(40), frame(40, 40), frame(20)]


@virtual_time
async def test_a_long_backlog_is_taken_in_pieces_of_bounded_length() -> None:
    found = await taken(*(frame(offset_ms) for offset_ms in range(0, 1_000, 20)))
    assert [item.offset_ms for item in found if isinstance(item, AudioFrame)] == [0, 200, 400, 600, 800]
