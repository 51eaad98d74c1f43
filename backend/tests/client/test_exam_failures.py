"""The client when a server refuses, breaks off or tells what is not of the protocol, and when it fails."""

import pytest

from app.api.websocket.protocol import (
    AudioConfig,
    ErrorEvent,
    Ready,
    ServerAck,
    ServerEvent,
)
from client import (
    ConnectionLost,
    LiveExam,
    Mark,
    ServerUnreachable,
    SessionRefused,
    TimedOut,
    VirtualPlayer,
)
from tests.fakes.exam_server import ExamServer, Peer, live, only_begin, reply
from tests.fakes.manual_clock import HurriedClock, ManualClock

RATE = 24_000
ONE_SECOND_OF_VOICE = b"\x01\x00" * RATE


async def test_a_refused_handshake_is_a_refusal(server: ExamServer, clock: ManualClock) -> None:
    server.refuse_socket = True
    with pytest.raises(SessionRefused, match="403"):
        await live(server, clock).__aenter__()


async def test_nobody_there(clock: ManualClock, unused_tcp_port: int) -> None:
    exam = LiveExam(f"http://127.0.0.1:{unused_tcp_port}", "s1", "t", clock=clock)
    with pytest.raises(ServerUnreachable):
        await exam.__aenter__()


async def test_a_refused_start_says_why(server: ExamServer, clock: ManualClock) -> None:
    async def script(peer: Peer) -> None:
        config = await peer.expect(AudioConfig)
        await peer.send(
            ErrorEvent(
                code="unsupported_audio",
                class_="client",
                message="16 kHz only.",
                ref_event_id=config.event_id,
            )
        )

    server.script = script
    async with live(server, clock) as exam:
        with pytest.raises(SessionRefused, match="16 kHz only") as refused:
            await exam.start()
    assert refused.value.code == "unsupported_audio"


async def test_a_fatal_error_explains_the_close_that_follows(server: ExamServer, clock: ManualClock) -> None:
    async def script(peer: Peer) -> None:
        await peer.send(ErrorEvent(code="token_expired", class_="auth", message="Sign in again.", fatal=True))
        await peer.close(4401)

    server.script = script
    async with live(server, clock) as exam:
        with pytest.raises(SessionRefused, match="Sign in again") as refused:
            await exam.start()
        with pytest.raises(SessionRefused, match="Sign in again"):
            _ = [event async for event in exam]
    assert refused.value.code == "token_expired"


@pytest.mark.parametrize(
    ("close_code", "error"), [(4404, SessionRefused), (4409, SessionRefused), (4012, ConnectionLost)]
)
async def test_closes_say_whether_coming_back_helps(
    server: ExamServer, clock: ManualClock, close_code: int, error: type[Exception]
) -> None:
    async def script(peer: Peer) -> None:
        await peer.begin()
        await peer.close(close_code, "because")

    server.script = script
    async with live(server, clock) as exam:
        await exam.start()
        with pytest.raises(error, match="because"):
            _ = [event async for event in exam]


async def test_events_of_a_newer_server_are_passed_over(server: ExamServer, clock: ManualClock) -> None:
    async def script(peer: Peer) -> None:
        await peer.begin()
        await peer.send_raw('{"type":"weather.report","sky":"blue"}')
        await peer.send(ServerAck(received_ms=1_200), reply(2))
        await peer.close()

    server.script = script
    async with live(server, clock) as exam:
        await exam.start()
        events = [event async for event in exam]
    assert [event.seq for event in events] == [1, 2]
    assert exam.stored_ms == 1_200


@pytest.mark.parametrize("text", ["{", '{"type":"stt.final","text":1}', "[]"])
async def test_what_is_no_event_at_all_ends_the_connection(
    server: ExamServer, clock: ManualClock, text: str
) -> None:
    async def script(peer: Peer) -> None:
        await peer.begin()
        await peer.send_raw(text)

    server.script = script
    async with live(server, clock) as exam:
        await exam.start()
        with pytest.raises(ConnectionLost, match="not of the protocol"):
            _ = [event async for event in exam]


async def test_a_server_that_stays_silent_is_not_waited_for_for_ever(
    server: ExamServer, clock: ManualClock
) -> None:
    server.script = only_begin
    async with live(server, clock) as exam:
        await exam.start()
        with pytest.raises(TimedOut, match="summary_ready"):
            await exam.summary(0.01)


async def test_a_reader_who_is_slow_holds_the_socket_back_and_loses_nothing(
    server: ExamServer, clock: ManualClock
) -> None:
    many = 3_000

    async def script(peer: Peer) -> None:
        await peer.begin()
        events: list[ServerEvent] = [reply(seq) for seq in range(2, many + 2)]
        await peer.send(*events)
        await peer.close()

    server.script = script
    async with live(server, clock) as exam:
        await exam.start()
        await clock.advance(0.4)
        assert [event.seq async for event in exam] == list(range(1, many + 2))


class TornPlayer(VirtualPlayer):
    """Fails at the next beat, or at the next utterance, once it is told to."""

    at_beat = at_utterance = False

    def advance(self, now: float) -> list[Mark]:
        if self.at_beat:
            raise LookupError("The player is torn.")
        return super().advance(now)

    def begin(self, utterance_id: str, stream_id: int, sample_rate: int) -> None:
        if self.at_utterance:
            raise LookupError("The player is torn.")
        super().begin(utterance_id, stream_id, sample_rate)


@pytest.mark.parametrize("where", ["at_beat", "at_utterance"])
async def test_a_crash_in_the_client_ends_the_exam_for_whoever_waits(server: ExamServer, where: str) -> None:
    async def script(peer: Peer) -> None:
        await peer.begin()
        await peer.expect(Ready)
        await peer.speak("u2", ONE_SECOND_OF_VOICE, stream=1, rate=RATE, seq=2)

    server.script = script
    player = TornPlayer()
    exam = LiveExam(server.url, "s1", "a-token", clock=HurriedClock(), player=player)

    async def sit() -> None:
        async with exam:
            await exam.start()
            await exam.ready()
            setattr(player, where, True)
            with pytest.raises(LookupError, match="torn"):
                await exam.summary(5)
            with pytest.raises(LookupError, match="torn"):
                await exam.ready()

    with pytest.raises(LookupError, match="torn"):
        await sit()
    with pytest.raises(LookupError, match="torn"):
        async for _ in exam:
            pass
