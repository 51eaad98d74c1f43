"""How much one client may take: connections, the process's time, memory."""

import asyncio
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.api.websocket.codec import encode_frame
from app.api.websocket.limits import Limits
from app.api.websocket.pace import LEAST_COST, Pace
from app.api.websocket.protocol import (
    AudioFrame,
    ClientHeartbeat,
    CloseCode,
    ErrorEvent,
    FrameKind,
    ServerHeartbeat,
    SessionEnd,
    SessionStart,
    SessionStarted,
    SummaryReady,
)
from app.services.exam_quota import ExamQuota
from tests.fakes.bare_client import errors, frame, started
from tests.fakes.world import ALICE, BOB, world
from tests.virtual_time import virtual_time


@virtual_time
async def test_a_user_has_so_many_connections_and_another_user_has_their_own() -> None:
    async with world(Limits(connections_per_user=2)) as w:
        first, _ = [w.connect(w.create(user=ALICE).id) for _ in range(2)]
        await asyncio.sleep(0.1)
        third = w.connect(w.create(user=ALICE).id)
        assert await third.closed() == CloseCode.LIMIT
        told = third.of(ErrorEvent)[0]
        assert isinstance(told, ErrorEvent)
        assert (told.code, told.retryable, told.retry_after_ms) == ("too_many_connections", True, 5_000)
        other = w.connect(w.create(user=BOB).id, user=BOB)
        other.send(ClientHeartbeat())
        await other.until(lambda: other.of(ServerHeartbeat))
        first.cut()
        await asyncio.sleep(0.1)
        again = w.connect(w.create(user=ALICE).id)
        again.send(ClientHeartbeat())
        await again.until(lambda: again.of(ServerHeartbeat))


@virtual_time
async def test_one_exam_too_many_is_refused_with_a_reason_and_can_be_begun_later() -> None:
    async with world() as w:
        w.store.quota = ExamQuota(exams=1)
        under_way = await started(w)
        waiting = w.create(user=ALICE)
        refused = w.connect(waiting.id)
        refused.send(SessionStart())
        assert await refused.closed() == CloseCode.LIMIT
        told = refused.of(ErrorEvent)[0]
        assert isinstance(told, ErrorEvent)
        assert (told.code, told.class_, told.retryable) == ("too_many_exams", "limit", True)
        assert w.store.sessions[waiting.id].status == "created"
        under_way.send(SessionEnd())
        await under_way.until(lambda: under_way.of(SummaryReady))
        again = w.connect(waiting.id)
        again.send(SessionStart())
        await again.until(lambda: again.of(SessionStarted))


@virtual_time
async def test_who_has_had_the_minutes_of_a_day_begins_no_further_exam() -> None:
    async with world() as w:
        earlier = w.create(user=ALICE)
        w.store.sessions[earlier.id] = replace(earlier, status="ended", audio_ms=60_000)
        w.store.quota = ExamQuota(daily_minutes=1)
        refused = w.connect(w.create(user=ALICE).id)
        refused.send(SessionStart())
        assert await refused.closed() == CloseCode.LIMIT
        told = refused.of(ErrorEvent)[0]
        assert isinstance(told, ErrorEvent)
        assert (told.code, told.retryable) == ("daily_minutes_used", False)


@virtual_time
async def test_coming_back_to_the_same_session_again_and_again_is_not_too_many() -> None:
    async with world(Limits(connections_per_user=2)) as w:
        session = w.create()
        for _ in range(10):
            pipe = w.connect(session.id)
            pipe.send(ClientHeartbeat())
            await pipe.until(lambda: pipe.of(ServerHeartbeat))  # noqa: B023 - awaited within the round
            await asyncio.sleep(0.1)


@virtual_time
async def test_ten_thousand_tiny_frames_a_second_are_read_slowly_and_harm_nobody() -> None:
    limits = Limits(read_bytes_per_s=256 * 1024, read_burst_bytes=1024 * 1024)
    async with world(limits) as w:
        flood, neighbour = await started(w), w.connect(w.create(user=BOB).id, user=BOB)
        nothing = encode_frame(AudioFrame(FrameKind.MICROPHONE, 0, 0, 0, b""))
        for _ in range(50_000):
            flood.send_raw(nothing)
        await asyncio.sleep(5)
        most = (limits.read_burst_bytes + 5 * limits.read_bytes_per_s) // LEAST_COST
        assert most * 0.9 <= 50_000 - flood.unread <= most
        neighbour.send(ClientHeartbeat())
        await neighbour.until(lambda: neighbour.of(ServerHeartbeat), within_s=1)
        assert flood.open
        assert errors(flood) == []


@virtual_time
async def test_what_was_spoken_while_a_client_was_away_is_read_at_once() -> None:
    async with world() as w:
        pipe = await started(w)
        await asyncio.sleep(9)
        for at_ms in range(0, 9_000, 20):
            pipe.send_frame(frame(at_ms, bytes(20 * 32)))
        await asyncio.sleep(0.1)
        assert (pipe.unread, errors(pipe)) == (0, [])


@given(st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 2_000)), max_size=50))
def test_a_client_that_keeps_to_its_waits_gets_its_rate_and_its_burst(steps: list[tuple[int, int]]) -> None:
    pace, now_ms, spent = Pace(bytes_per_s=1_000, burst=3_000, now_ms=0), 0, 0
    for size, later_ms in steps:
        now_ms += later_ms
        spent += max(size, LEAST_COST)
        now_ms += pace.spend([bytes(size)], now_ms)
        assert spent <= 3_000 + now_ms
    assert pace.spend([b""], now_ms + 1_000_000) == 0


@virtual_time
async def test_errors_are_counted_wherever_they_happen() -> None:
    async with world() as w:
        nobody = w.connect("no-session")
        await nobody.closed()
        stranger = w.connect(w.create().id, user="not a token")
        await stranger.closed()
        early = w.connect(w.create().id)
        early.send_raw("{")
        early.send_frame(frame(0))
        await early.until(lambda: len(errors(early)) == 2)
        live = await started(w)
        live.send_frame(frame(400))
        await live.until(lambda: errors(live))
        assert w.meter.errors == [
            "unknown_session",
            "token_invalid",
            "malformed_json",
            "audio_before_start",
            "audio_gap",
        ]


@virtual_time
async def test_what_waits_for_a_client_that_does_not_read_is_measured() -> None:
    async with world() as w:
        pipe = w.connect(w.create().id)
        await asyncio.sleep(1.5)
        assert w.meter.queued_bytes[-1] == (0, 0)
        pipe.block()
        for _ in range(5):
            pipe.send_raw("{")
        await asyncio.sleep(1.5)
        assert w.meter.queued_bytes[-1][1] > 0
