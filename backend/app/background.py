"""What is common to the tasks that a process starts beside its work."""

import asyncio
import gc
from typing import Any

import structlog

log = structlog.get_logger()


async def dropped(task: asyncio.Task[Any]) -> None:
    """Wait no longer for a thread that loads; nothing can stop it half way, and nobody needs it any more."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def keep_for_good(task: asyncio.Task[Any]) -> None:
    """Keep what a task has loaded out of the garbage collector's way.

    Otherwise it would look it all through again and again, and hold up everybody each time.
    """
    gc.freeze()


def report_failure(task: asyncio.Task[Any]) -> None:
    """Log why a task failed; nobody may be waiting for it."""
    if not task.cancelled() and (failure := task.exception()) is not None:
        log.error("background.failed", task=task.get_name(), exc_info=failure)
