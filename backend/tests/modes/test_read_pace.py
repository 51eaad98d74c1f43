"""How long audio stays in the system's buffer."""

import asyncio
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from app.modes.read_pace import BUSY, FULL, MAX_PAUSE_S, ReadPace

shares = st.lists(st.floats(0, 1), max_size=40)


class Thread:
    """A thread and its clock, of which `share` goes into work."""

    def __init__(self) -> None:
        self.now_s = self.used_s = 100.0
        self.pace = ReadPace(lambda: self.now_s, lambda: self.used_s)

    def works(self, share: float, seconds: float = 1.0) -> float:
        """Let time go by; return the pause of 200 connections then."""
        self.now_s += seconds
        self.used_s += seconds * share
        return self.pace.pause_s(200)


def settled(share: Callable[[float], float]) -> list[float]:
    """The pauses of 60 seconds, after a minute; `share` is how busy the thread is at a pause."""
    thread, pause_s = Thread(), MAX_PAUSE_S
    pauses = []
    for _ in range(120):
        pause_s = thread.works(share(pause_s))
        pauses.append(pause_s)
    return pauses[60:]


def test_a_learner_alone_waits_for_nothing_and_many_for_little() -> None:
    pace = Thread().pace
    assert [pace.pause_s(count) for count in (0, 1, 20, 80, 200)] == [0.0005, 0.0005, 0.01, 0.04, 0.04]


@given(shares)
def test_no_pause_is_longer_than_twice_the_longest_or_shorter_than_without_work(past: list[float]) -> None:
    thread = Thread()
    for share in past:
        assert MAX_PAUSE_S <= thread.works(share) <= 2 * MAX_PAUSE_S


def test_a_thread_that_is_not_busy_reads_as_often_as_ever() -> None:
    assert set(settled(lambda _: BUSY - 0.01)) == {MAX_PAUSE_S}


def test_one_that_is_full_reads_half_as_often_and_as_often_as_before_once_it_is_not() -> None:
    thread = Thread()
    for _ in range(20):
        thread.works(FULL + 0.05)
    assert thread.works(FULL + 0.05) == 2 * MAX_PAUSE_S
    for _ in range(20):
        thread.works(0.2)
    assert thread.works(0.2) == MAX_PAUSE_S


def test_it_comes_to_rest_where_reading_less_often_makes_the_thread_less_busy() -> None:
    pauses = settled(lambda pause_s: 0.5 + 0.008 / pause_s)
    assert max(pauses) - min(pauses) < 0.001
    assert MAX_PAUSE_S < pauses[-1] < 2 * MAX_PAUSE_S


def test_a_moment_of_work_is_no_reason() -> None:
    thread = Thread()
    assert thread.works(1.0, 0.5) == MAX_PAUSE_S
    assert thread.works(0.0, 0.6) == MAX_PAUSE_S


async def test_all_on_a_loop_share_it() -> None:
    loop = asyncio.get_running_loop()
    assert ReadPace.of(loop) is ReadPace.of(loop)
