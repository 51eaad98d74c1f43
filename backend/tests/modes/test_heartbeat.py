"""Beats on a real pipe, of an event loop whose time does not pass by itself."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress

import pytest

from app.modes.heartbeat import BEAT_S, Heartbeat
from tests.virtual_time import virtual_time

MORE_THAN_A_PIPE_HOLDS = 100_000


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        with suppress(OSError):
            os.close(end)


def test_a_line_comes_every_second(pipe: tuple[int, int]) -> None:
    reading, writing = pipe

    @virtual_time
    async def live() -> None:
        Heartbeat(writing).start()
        await asyncio.sleep(3.5 * BEAT_S)

    live()
    assert os.read(reading, 100) == b"\n" * 4


def test_what_nobody_reads_holds_nobody_up(pipe: tuple[int, int]) -> None:
    @virtual_time
    async def live() -> None:
        Heartbeat(pipe[1]).start()
        await asyncio.sleep(MORE_THAN_A_PIPE_HOLDS * BEAT_S)

    live()


def test_without_a_supervisor_it_falls_silent(pipe: tuple[int, int]) -> None:
    reading, writing = pipe

    @virtual_time
    async def live() -> None:
        Heartbeat(writing).start()
        os.close(reading)
        await asyncio.sleep(3 * BEAT_S)
        assert not asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined]

    live()
