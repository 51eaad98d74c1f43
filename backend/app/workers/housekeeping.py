"""What is looked after now and then, beside the jobs."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

from app.services.errors import StorageUnavailable

LOOK_S = 3_600.0

Chore = Callable[[], Awaitable[int]]
"""Does what is due and says to how many. Raises StorageUnavailable."""

log = structlog.get_logger(__name__)


async def keep_house(chores: Mapping[str, Chore], *, look_s: float = LOOK_S) -> None:
    """Do every chore at once and again every `look_s`; what cannot be done now is done next time."""
    while True:
        for name, chore in chores.items():
            try:
                done = await chore()
            except StorageUnavailable as unavailable:
                log.warning("housekeeping.put_off", chore=name, reason=str(unavailable))
            else:
                if done:
                    log.info("housekeeping.done", chore=name, count=done)
        await asyncio.sleep(look_s)
