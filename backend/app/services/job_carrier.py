"""Word that jobs are due, carried to one worker each by a queue outside the database.

A message names no job: whoever gets one takes from the database the job whose turn it is. So the queue can
lose, repeat or delay messages and decides neither what runs nor in which order.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol


class CarrierDown(Exception):
    """The queue cannot be reached; workers look in the database themselves meanwhile."""


class JobCarrier(Protocol):
    """Carries messages between all processes that use the same queue."""

    async def dispatch(self, due: int) -> None:
        """See to it that at least `due` messages wait to be delivered. Raises CarrierDown."""
        ...

    async def receive(self, work: Callable[[], Awaitable[None]], stopping: asyncio.Event) -> None:
        """Call `work` for one message after the other until `stopping`; each is kept until `work` returns.

        What a worker that died had received is delivered again. Raises CarrierDown.
        """
        ...
