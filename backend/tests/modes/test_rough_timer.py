import asyncio
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from app.modes.rough_timer import SLACK, RoughTimer
from tests.virtual_time import virtual_time

waits = st.floats(0.0005, 10)


@given(st.lists(st.tuples(st.floats(0, 3), waits), max_size=20))
def test_nobody_is_called_too_early_or_much_too_late(calls: list[tuple[float, float]]) -> None:
    @virtual_time
    async def run() -> None:
        timer, loop = RoughTimer(), asyncio.get_running_loop()
        called: dict[int, float] = {}
        asked: dict[int, float] = {}
        for number, (after_s, wait_s) in enumerate(calls):
            await asyncio.sleep(after_s)
            asked[number] = loop.time()
            timer.call_later(wait_s, lambda number=number: called.setdefault(number, loop.time()))  # type: ignore[misc]
        await asyncio.sleep(11)
        assert called.keys() == asked.keys()
        for number, (_, wait_s) in enumerate(calls):
            waited_s = called[number] - asked[number]
            assert wait_s - 0.001 <= waited_s <= wait_s * (1 + SLACK) + 0.001

    run()


@virtual_time
async def test_many_share_a_timer_of_the_loop() -> None:
    timer, called = RoughTimer(), list[int]()
    before = timers()
    for number in range(1_000):
        timer.call_later(0.04, partial(called.append, number))
    assert timers() == before + 1
    await asyncio.sleep(0.05)
    assert called == list(range(1_000))


@virtual_time
async def test_all_on_a_loop_share_it() -> None:
    loop = asyncio.get_running_loop()
    assert RoughTimer.of(loop) is RoughTimer.of(loop)


def timers() -> int:
    """How many timers the running loop has."""
    return len(asyncio.get_running_loop()._scheduled)  # type: ignore[attr-defined]
