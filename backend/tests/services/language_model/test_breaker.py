"""A circuit breaker opens after failures in a row, waits, and lets one call try."""

from hypothesis import given
from hypothesis import strategies as st

from app.services.language_model import Breaker, BreakerState


class World:
    """A breaker of three failures and ten seconds, with its clock and what it said."""

    def __init__(self) -> None:
        self.now = 0.0
        self.told: list[BreakerState] = []
        self.breaker = Breaker(lambda: self.now, failures=3, pause_s=10, on_change=self.told.append)

    def fail(self, times: int) -> None:
        for _ in range(times):
            assert self.breaker.admits()
            self.breaker.failed()


def test_it_opens_after_failures_in_a_row_only() -> None:
    world = World()
    world.fail(2)
    world.breaker.succeeded()
    world.fail(2)
    assert world.breaker.state == "closed"
    world.fail(1)
    assert world.breaker.state == "open"
    assert not world.breaker.admits()


def test_after_the_pause_one_call_tries() -> None:
    world = World()
    world.fail(3)
    world.now = 9.9
    assert not world.breaker.admits()
    world.now = 10.0
    assert world.breaker.admits()
    assert not world.breaker.admits()
    world.breaker.failed()
    world.now = 19.9
    assert not world.breaker.admits()
    world.now = 20.0
    assert world.breaker.admits()
    world.breaker.succeeded()
    assert world.breaker.admits()
    assert world.told == ["open", "half_open", "open", "half_open", "closed"]


@given(st.lists(st.sampled_from(["fails", "succeeds", "waits"]), max_size=60))
def test_it_never_stays_shut_for_good(steps: list[str]) -> None:
    world = World()
    for step in steps:
        if step == "waits":
            world.now += 4
        elif world.breaker.admits():
            (world.breaker.failed if step == "fails" else world.breaker.succeeded)()
    world.now += 10
    assert world.breaker.admits()
