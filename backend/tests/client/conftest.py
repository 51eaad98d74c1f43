from collections.abc import AsyncIterator

import pytest

from tests.fakes.exam_server import ExamServer
from tests.fakes.manual_clock import ManualClock


@pytest.fixture
async def server() -> AsyncIterator[ExamServer]:
    async with ExamServer().running() as running:
        yield running


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()
