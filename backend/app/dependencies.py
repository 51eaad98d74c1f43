"""The state of what a process depends on, as /health shows it."""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path

from app.api.dependency_state import DependencyState
from app.services.errors import StorageUnavailable
from app.services.job_backlog import BacklogSource
from app.services.storage import BlobStore

LOW_DISK_BYTES = 1_000_000_000
"""Half a day of one learner's speech, or the time to be called and to come."""
WELL_S = 20.0
PROBE_KEY = "health/probe"
PROBE = b"Written now and then to see whether files can be stored.\n"

Check = Callable[[], Awaitable[DependencyState]]


class BlobCheck:
    """Whether a file can be stored and read again: asked often, and looked at now and then.

    A store may be far away and charge for each request, so what was well is believed for WELL_S.
    """

    def __init__(self, blobs: BlobStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._blobs = blobs
        self._clock = clock
        self._well_until: float | None = None

    async def __call__(self) -> bool:
        """Return whether it works, or did a moment ago."""
        if self._well_until is not None and self._clock() < self._well_until:
            return True
        self._well_until = None
        try:
            await self._blobs.put(PROBE_KEY, PROBE)
            well = await self._blobs.get(PROBE_KEY) == PROBE
        except (StorageUnavailable, LookupError):
            return False
        if well:
            self._well_until = self._clock() + WELL_S
        return well


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
