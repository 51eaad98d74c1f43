"""Chores are done now and then; virtual time."""

import asyncio

from app.config import Settings
from app.repositories.database import Database
from app.services.errors import StorageUnavailable
from app.workers.housekeeping import keep_house
from app.workers.run import housekeeping
from tests.fakes.memory_blobs import MemoryBlobs
from tests.virtual_time import virtual_time


@virtual_time
async def test_chores_are_done_at_once_and_every_hour_and_one_that_fails_waits_for_the_next_time() -> None:
    done: list[str] = []

    async def fails() -> int:
        done.append("fails")
        raise StorageUnavailable("down")

    async def works() -> int:
        done.append("works")
        return 1

    house = asyncio.create_task(keep_house({"fails": fails, "works": works}))
    await asyncio.sleep(2 * 3_600 + 1)
    house.cancel()
    assert done == ["fails", "works"] * 3


async def test_what_is_kept_for_ever_is_no_chore(database: Database) -> None:
    for days, chores in ((0, 2), (90, 4)):
        settings = Settings(environment="test", audio_retention_days=days, audit_retention_days=days)
        assert len(housekeeping(settings, database, MemoryBlobs())) == chores
