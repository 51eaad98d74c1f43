"""An alarm that is moved about."""

import asyncio
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from app.api.websocket.alarm import Alarm
from app.api.websocket.clock import Clock
from tests.virtual_time import VirtualTimeLoop, virtual_time


class Rings:
    """When an alarm rang, in milliseconds from now."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.began_ms = self.clock.now_ms()
        self.at_ms: list[int] = []
        self.alarm = Alarm(self.clock, self._ring)

    def set(self, in_ms: int | None) -> None:
        self.alarm.set(None if in_ms is None else self.began_ms + in_ms)

    def _ring(self) -> None:
        self.at_ms.append(self.clock.now_ms() - self.began_ms)


async def after(steps: list[tuple[int, int | None]]) -> list[int]:
    rings = Rings()
    for at_ms, to_ms in steps:
        await rings.clock.sleep_until(rings.began_ms + at_ms)
        rings.set(to_ms)
    await asyncio.sleep(10)
    return rings.at_ms


@virtual_time
async def test_it_rings_when_the_last_moment_set_has_come() -> None:
    assert await after([(0, 500)]) == [500]
    assert await after([(0, 500), (100, 700)]) == [700]
    assert await after([(0, 500), (100, 300), (200, 800)]) == [800]
    assert await after([(0, 500), (100, None)]) == []
    assert await after([(0, 500), (100, None), (200, 400)]) == [400]
    assert await after([(300, 200)]) == [300]


@virtual_time
async def test_a_cancelled_one_leaves_no_timer_behind() -> None:
    made: list[asyncio.TimerHandle] = []

    class CountingClock(Clock):
        def call_at(self, at_ms: int, callback: Callable[[], object]) -> asyncio.TimerHandle:
            made.append(super().call_at(at_ms, callback))
            return made[-1]

    clock = CountingClock()
    alarm = Alarm(clock, made.clear)
    for in_ms in (500, 600, 700):
        alarm.set(clock.now_ms() + in_ms)
    assert len(made) == 1
    alarm.cancel()
    await asyncio.sleep(10)
    assert [timer.cancelled() for timer in made] == [True]


@given(st.lists(st.tuples(st.integers(0, 300), st.none() | st.integers(0, 2_000)), max_size=8))
def test_it_rings_as_often_and_when_a_plain_timer_would(steps: list[tuple[int, int | None]]) -> None:
    at_ms, timeline, expected, pending = 0, [], [], None
    for pause_ms, in_ms in steps:
        at_ms += pause_ms
        if pending is not None and pending < at_ms:
            expected.append(pending)
        pending = None if in_ms is None else at_ms + in_ms
        timeline.append((at_ms, pending))
    if pending is not None:
        expected.append(pending)
    loop = VirtualTimeLoop()
    try:
        rang = loop.run_until_complete(after(timeline))
    finally:
        loop.close()
    # Where it is moved at the very moment it is due, both are right.
    moved_at = {moment for moment, _ in timeline}
    assert [ms for ms in rang if ms not in moved_at] == [ms for ms in expected if ms not in moved_at]
