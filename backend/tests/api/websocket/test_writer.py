"""The one task that writes: what goes out, in which order, and what happens when it cannot."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.api.websocket.clock import Clock
from app.api.websocket.connection import Connection
from app.api.websocket.event_log import EventLog
from app.api.websocket.limits import Limits
from app.api.websocket.playback import Playback
from app.api.websocket.protocol import (
    CloseCode,
    ErrorEvent,
    ProtocolError,
    ServerAck,
    ServerHeartbeat,
    SttPartial,
    WarningEvent,
)
from app.api.websocket.sound import Sound
from app.api.websocket.writer import ConnectionWriter
from app.services.conversation import Line
from app.services.session_store import StoredEvent
from tests.fakes.pipe import Pipe
from tests.virtual_time import virtual_time

LINE = Line("line-1", "Hello.", 1, "greeting", "verbatim", expects_answer=False)


def stored(seq: int, text: str = "note") -> StoredEvent:
    return StoredEvent(seq, "warning", {"type": "warning", "code": "note", "message": text})


async def nothing(seq: int, limit: int) -> list[StoredEvent]:
    return []


def partial(text: str, revision: int) -> SttPartial:
    return SttPartial(utterance_id="u", revision=revision, text=text, start_ms=0, end_ms=1)


class Bench:
    """A connection with its writer, and the log it tails."""

    def __init__(self, limits: Limits) -> None:
        self.clock = Clock()
        self.connection = Connection(self.clock, max_bytes=4_000, max_errors=3)
        self.pipe = Pipe()
        self.log = EventLog(nothing)
        self.writing = asyncio.ensure_future(
            ConnectionWriter(self.pipe, self.connection, self.clock, limits).run()
        )

    @property
    def told(self) -> list[str]:
        return [event.message for event in self.pipe.received if isinstance(event, WarningEvent)]


@asynccontextmanager
async def bench(limits: Limits | None = None) -> AsyncIterator[Bench]:
    made = Bench(limits or Limits())
    yield made
    made.writing.cancel()


@virtual_time
async def test_the_log_is_followed_from_the_cursor() -> None:
    async with bench() as b:
        b.log.release([stored(1, "a"), stored(2, "b")])
        b.connection.join(b.log, 1)
        await asyncio.sleep(0)
        b.log.release([stored(3, "c")])
        await asyncio.sleep(1)
        assert b.told == ["b", "c"]
        assert b.connection.cursor == 3


@virtual_time
async def test_nothing_of_the_log_goes_to_who_has_not_joined() -> None:
    async with bench() as b:
        b.log.release([stored(1)])
        b.connection.send(ServerHeartbeat())
        await asyncio.sleep(1)
        assert [type(event) for event in b.pipe.received] == [ServerHeartbeat]


@virtual_time
async def test_passing_events_wait_for_their_place_in_the_log_and_only_the_latest_is_sent() -> None:
    async with bench() as b:
        b.connection.join(b.log, 0)
        b.connection.offer("u", partial("I", 1), after_seq=1)
        b.connection.offer("u", partial("I live", 2), after_seq=1)
        b.connection.offer("ack", ServerAck(received_ms=1))
        await asyncio.sleep(1)
        assert [type(event) for event in b.pipe.received] == [ServerAck]
        b.log.release([stored(1)])
        await asyncio.sleep(1)
        assert [type(event) for event in b.pipe.received] == [ServerAck, WarningEvent, SttPartial]
        assert b.pipe.received[-1].text == "I live"  # type: ignore[union-attr]


@virtual_time
async def test_a_withdrawn_event_is_not_sent() -> None:
    async with bench() as b:
        b.connection.join(b.log, 0)
        b.connection.offer("u", partial("I", 1), after_seq=1)
        b.connection.withdraw("u")
        b.log.release([stored(1)])
        await asyncio.sleep(1)
        assert [type(event) for event in b.pipe.received] == [WarningEvent]


def voice(ms: int, *, announced_seq: int) -> Playback:
    sound = Sound(LINE.text, 16_000)
    sound.grow(bytes(ms * 32))
    sound.close()
    return Playback(LINE, "u", 7, 0, sound, announced_seq=announced_seq)


@virtual_time
async def test_a_voice_follows_its_announcement_is_paced_and_precedes_its_end() -> None:
    async with bench(Limits(voice_ahead_ms=500)) as b:
        b.connection.join(b.log, 0)
        playback = voice(2_000, announced_seq=1)
        b.connection.speak(playback)
        await asyncio.sleep(1)
        assert b.pipe.frames == []
        b.log.release([stored(1)])
        await asyncio.sleep(0.01)
        assert 500 <= sum(len(f.payload) for f in b.pipe.frames) // 32 <= 600
        await asyncio.sleep(1)
        assert 1_500 <= sum(len(f.payload) for f in b.pipe.frames) // 32 <= 1_600
        playback.end_seq = 2
        b.log.release([stored(2, "end")])
        await asyncio.sleep(0.01)
        assert b.told[-1] == "end"
        assert [f.offset_ms for f in b.pipe.frames] == list(range(0, 2_000, 100))
        assert [f.seq for f in b.pipe.frames] == list(range(20))
        assert [f.last for f in b.pipe.frames] == [False] * 19 + [True]
        assert playback.first_frame_at_ms is not None


@virtual_time
async def test_a_voice_whose_end_comes_late_still_has_a_last_frame() -> None:
    async with bench() as b:
        b.connection.join(b.log, 0)
        sound = Sound(LINE.text, 16_000)
        sound.grow(bytes(100 * 32))
        b.connection.speak(Playback(LINE, "u", 7, 0, sound))
        await asyncio.sleep(1)
        sound.close()
        await asyncio.sleep(1)
        assert [(len(f.payload), f.last) for f in b.pipe.frames] == [(3_200, False), (0, True)]


@virtual_time
async def test_a_cleared_voice_stops() -> None:
    async with bench(Limits(voice_ahead_ms=200)) as b:
        b.connection.join(b.log, 0)
        playback = voice(5_000, announced_seq=0)
        b.connection.speak(playback)
        await asyncio.sleep(1)
        playback.cleared = True
        frames = len(b.pipe.frames)
        await asyncio.sleep(5)
        assert len(b.pipe.frames) == frames < 20


@virtual_time
async def test_a_close_comes_after_what_was_said_before() -> None:
    async with bench() as b:
        b.connection.join(b.log, 0)
        b.connection.close(CloseCode.ENDED, "over", after_seq=2)
        b.log.release([stored(1, "a")])
        await asyncio.sleep(1)
        assert b.pipe.code is None
        b.log.release([stored(2, "b")])
        await b.writing
        assert b.told == ["a", "b"]
        assert (b.pipe.code, b.pipe.reason) == (1000, "over")


@virtual_time
async def test_an_error_is_sent_before_the_close_and_a_fatal_one_does_not_wait() -> None:
    async with bench() as b:
        b.connection.join(b.log, 0)
        b.connection.close(CloseCode.ENDED, "over", after_seq=9)
        b.connection.refuse(ProtocolError("bad", "No.", fatal=True, close=CloseCode.TOO_BIG))
        await b.writing
        assert b.pipe.code == 4413
        assert isinstance(b.pipe.received[-1], ErrorEvent)


@virtual_time
async def test_the_last_error_too_many_closes() -> None:
    async with bench() as b:
        for _ in range(3):
            b.connection.refuse(ProtocolError("bad", "No."))
        await b.writing
        assert b.pipe.code == 4400
        assert [event.fatal for event in b.pipe.received] == [False, False, True]  # type: ignore[union-attr]


@virtual_time
async def test_who_does_not_read_is_cut_off_after_five_seconds() -> None:
    async with bench() as b:
        b.pipe.block()
        b.connection.send(ServerHeartbeat())
        before = b.clock.now_ms()
        await b.writing
        assert 5_000 <= b.clock.now_ms() - before <= 7_000
        assert b.connection.closing is not None
        assert b.connection.closing.code == CloseCode.SLOW_OR_IDLE


@virtual_time
async def test_what_waits_for_a_slow_client_is_bounded() -> None:
    async with bench() as b:
        b.pipe.block()
        for _ in range(100):
            b.connection.send(WarningEvent(code="note", message="x" * 100))
        assert b.connection.closing is not None
        assert b.connection.closing.code == CloseCode.SLOW_OR_IDLE


@pytest.mark.parametrize("code", ["audio_gap"])
@virtual_time
async def test_a_repeated_complaint_is_made_once(code: str) -> None:
    async with bench() as b:
        for _ in range(100):
            b.connection.refuse_once(ProtocolError(code, "No."))
        await asyncio.sleep(1)
        assert len(b.pipe.received) == 1
        assert b.connection.closing is None


@virtual_time
async def test_our_own_trouble_is_told_and_not_held_against_the_client() -> None:
    async with bench() as b:
        for _ in range(20):
            b.connection.refuse(ProtocolError("audio_not_stored", "Later.", blame="server"))
            await asyncio.sleep(1)
        assert len(b.pipe.received) == 20
        assert b.connection.closing is None
        for _ in range(3):
            b.connection.refuse(ProtocolError("audio_gap", "No."))
        assert b.connection.closing is not None
