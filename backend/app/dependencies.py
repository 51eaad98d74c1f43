"""The state of what a process depends on, as /health shows it."""

import asyncio
import os
import shutil
import socket
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path

from app.api.dependency_state import DependencyState
from app.services.errors import StorageUnavailable
from app.services.job_backlog import BacklogSource
from app.services.storage import BlobStore

LOW_DISK_BYTES = 1_000_000_000
"""Half a day of one learner's speech, or the time to be called and to come."""
PROBE = b"Written now and then to see whether files can be stored.\n"

Check = Callable[[], Awaitable[DependencyState]]


async def blobs_work(blobs: BlobStore) -> bool:
    """Return whether a file can be stored and read again."""
    key = f"health/{socket.gethostname()}-{os.getpid()}"
    try:
        await blobs.put(key, PROBE)
        return await blobs.get(key) == PROBE
    except (StorageUnavailable, LookupError):
        return False


async def disk(folder: Path) -> DependencyState:
    """Return whether the disk below `folder` has room."""
    try:
        free = (await asyncio.to_thread(shutil.disk_usage, folder)).free
    except OSError as failure:
        return DependencyState(False, f"{failure.strerror}")
    return DependencyState(free >= LOW_DISK_BYTES, f"{free / 1e9:.1f} GB free")


async def workers(jobs: BacklogSource) -> DependencyState:
    """Return whether somebody does the jobs."""
    try:
        backlog = await jobs.backlog()
    except StorageUnavailable:
        return DependencyState(False, "cannot be seen without the database")
    waiting = f"{backlog.due} due, the oldest for {backlog.oldest_due_s:.0f} s" if backlog.due else "none due"
    return DependencyState(backlog.attended, f"{waiting}; {backlog.running} in hand")


def provider_checks(states: Mapping[str, str], names: tuple[str, ...]) -> dict[str, Check]:
    """Return a check for each provider: whether it is asked, and how its breaker stands."""

    async def state(name: str) -> DependencyState:
        breaker = states.get(name, "not_opened")
        return DependencyState(breaker == "closed", f"breaker {breaker}")

    return {name: partial(state, name) for name in names}


def redis_check(up: Callable[[], bool]) -> Check:
    """Return a check of the connection to Redis."""

    async def check() -> DependencyState:
        return DependencyState(up(), "" if up() else "changes are found by looking in the database")

    return check
