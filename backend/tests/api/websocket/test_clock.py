"""The sessions' clock."""

from app.api.websocket.clock import Clock
from tests.virtual_time import virtual_time


@virtual_time
async def test_a_deadline_has_come_when_the_clock_says_so() -> None:
    clock = Clock()
    for wait_ms in (1, 7, 29, 57, 113, 570, 1_001):
        at_ms = clock.now_ms() + wait_ms
        await clock.sleep_until(at_ms)
        assert clock.now_ms() == at_ms
    await clock.sleep_until(clock.now_ms() - 1_000)
