"""What is common to the tasks that a process starts beside its work."""

import asyncio
import gc
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import structlog

log = structlog.get_logger()


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None], *, name: str) -> AsyncIterator[None]:
    """Do `work` on a task of its own while the block runs; it is cancelled then, and a failure is logged."""
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(report_failure)
    try:
        yield
    finally:
        await dropped(task)


async def dropped(task: asyncio.Task[Any]) -> None:
    """Cancel the task and wait until it is over. A thread that it waits for cannot be stopped half way."""
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
