import asyncio
import time
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


async def test_what_a_group_sets_going_is_done_before_the_next_even_where_all_are_late() -> None:
    timer, loop = RoughTimer(), asyncio.get_running_loop()
    done = list[str]()
    for number in range(1, 6):
        timer.call_later(number / 100, lambda number=number: _begin(loop, done, number))  # type: ignore[misc]
    last = asyncio.Event()
    timer.call_later(0.06, last.set)
    time.sleep(0.1)  # noqa: ASYNC251 - the loop is held up
    await asyncio.wait_for(last.wait(), 60)
    assert done == [f"{number} {what}" for number in range(1, 6) for what in ("begun", "done")]


def _begin(loop: asyncio.AbstractEventLoop, done: list[str], number: int) -> None:
    done.append(f"{number} begun")
    loop.call_soon(done.append, f"{number} done")


@virtual_time
async def test_one_that_fails_keeps_nobody_else_waiting() -> None:
    timer, called = RoughTimer(), list[str]()
    for name in ("before", None, "after"):
        timer.call_later(0.04, partial(called.append, name) if name else partial(int, "no number"))  # type: ignore[arg-type]
    await asyncio.sleep(0.05)
    assert called == ["before", "after"]


@virtual_time
async def test_an_earlier_one_that_comes_later_is_called_first() -> None:
    timer, called = RoughTimer(), list[str]()
    timer.call_later(9, partial(called.append, "late"))
    timer.call_later(0.04, partial(called.append, "soon"))
    await asyncio.sleep(0.05)
    assert called == ["soon"]
    await asyncio.sleep(9.5)
    assert called == ["soon", "late"]


@virtual_time
async def test_all_on_a_loop_share_it() -> None:
    loop = asyncio.get_running_loop()
    assert RoughTimer.of(loop) is RoughTimer.of(loop)


def timers() -> int:
    """How many timers the running loop has."""
    return len(asyncio.get_running_loop()._scheduled)  # type: ignore[attr-defined]
