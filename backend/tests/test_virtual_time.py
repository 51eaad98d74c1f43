"""Virtual time keeps the order of real time and does not take any."""

import asyncio
import time

import pytest

from tests.virtual_time import NothingWillHappen, virtual_time


def test_an_hour_takes_no_time_and_happens_in_order() -> None:
    seen: list[str] = []

    @virtual_time
    async def hour() -> float:
        async def at(seconds: float, name: str) -> None:
            await asyncio.sleep(seconds)
            seen.append(name)

        began = asyncio.get_running_loop().time()
        await asyncio.gather(at(3_600, "c"), at(1, "a"), at(60, "b"))
        return asyncio.get_running_loop().time() - began

    began = time.monotonic()
    assert hour() == pytest.approx(3_600)
    assert time.monotonic() - began < 5
    assert seen == ["a", "b", "c"]


def test_a_wait_that_nothing_can_end_is_an_error_and_not_a_hang() -> None:
    @virtual_time
    async def stuck() -> None:
        await asyncio.Event().wait()

    with pytest.raises(NothingWillHappen):
        stuck()
