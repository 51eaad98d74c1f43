"""The sessions of a server process that has died: free at once, so that no learner waits for a lease."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from app.repositories.database import Database
from app.repositories.live_sessions import LEASE_S, PostgresLiveSessions
from app.services.errors import StorageUnavailable

AGAIN_S = 0.5

log = structlog.get_logger()


async def release_left_by(
    owner: str, conninfo: str, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Let the sessions of `owner` go, which is known to have ended.

    A database that does not answer is asked again until the leases have run out by themselves.
    """
    try:
        async with asyncio.timeout(LEASE_S):
            await _release(owner, conninfo, sleep)
    except TimeoutError:
        log.warning("worker.leases_not_released", owner=owner, free_within_s=LEASE_S)
    except Exception:
        log.exception("worker.leases_not_released", owner=owner, free_within_s=LEASE_S)


async def _release(owner: str, conninfo: str, sleep: Callable[[float], Awaitable[None]]) -> None:
    database = Database(conninfo, max_size=1)
    await database.open()
    try:
        while True:
            try:
                released = await PostgresLiveSessions(database).release_left_by(owner)
            except StorageUnavailable:
                await sleep(AGAIN_S)
            else:
                log.info("worker.leases_released", owner=owner, sessions=released)
                return
    finally:
        await database.close()
