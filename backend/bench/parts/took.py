"""How long messages take, on the clock and in core time."""

import statistics
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import TypedDict


class Milliseconds(TypedDict):
    """Of one message."""

    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds of one message, on the clock and of this thread's core time."""

    clock: float
    cpu: float


async def timed(call: Awaitable[object]) -> Took:
    """Return how long `call` took."""
    began, worked = time.perf_counter(), time.thread_time()
    await call
    return Took((time.perf_counter() - began) * 1000, (time.thread_time() - worked) * 1000)


def spread(took: Sequence[float]) -> Milliseconds:
    """Return the median and the 95th percentile of two messages or more."""
    return Milliseconds(
        p50=round(statistics.median(took), 2), p95=round(statistics.quantiles(took, n=20)[-1], 2)
    )
