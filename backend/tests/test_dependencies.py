"""What /health says of disk, files, workers and providers is what is so."""

import shutil
from pathlib import Path

import pytest

from app.adapters.blob_filesystem import FilesystemBlobStore
from app.api.dependency_state import DependencyState
from app.dependencies import WELL_S, BlobCheck, disk, provider_checks, workers
from app.services.errors import StorageUnavailable
from app.services.job_backlog import LATE_S, Backlog, KindBacklog
from app.services.job_queue import JobKind


class Jobs:
    """Implements BacklogSource."""

    def __init__(self, due: int, oldest_due_s: float, running: int) -> None:
        self._kinds = (KindBacklog(JobKind.ANALYSIS, due, oldest_due_s, running),)

    async def backlog(self) -> Backlog:
        return Backlog(self._kinds)


class Away:
    """Implements BacklogSource without a database."""

    async def backlog(self) -> Backlog:
        raise StorageUnavailable("away")


async def test_files_are_stored_and_read_again(tmp_path: Path) -> None:
    assert await BlobCheck(FilesystemBlobStore(tmp_path / "blobs"))()


async def test_a_store_that_refuses_does_not_work(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("a file where the folder should be")
    assert not await BlobCheck(FilesystemBlobStore(tmp_path / "blobs"))()


async def test_a_store_that_is_well_is_not_asked_at_every_probe(tmp_path: Path) -> None:
    now = 0.0
    check = BlobCheck(FilesystemBlobStore(tmp_path / "blobs"), lambda: now)
    assert await check()
    shutil.rmtree(tmp_path / "blobs")
    (tmp_path / "blobs").write_text("a file where the folder should be")
    assert await check()
    now += WELL_S
    assert not await check()
    (tmp_path / "blobs").unlink()
    assert await check()


async def test_the_room_on_the_disk_is_told(tmp_path: Path) -> None:
    state = await disk(tmp_path)
    assert state.works == (float(state.note.split()[0]) >= 1.0)
    assert state.note.endswith(" GB free")
    assert await disk(tmp_path / "missing") == DependencyState(False, "No such file or directory")


@pytest.mark.parametrize(
    ("jobs", "works"),
    [
        (Jobs(0, 0.0, 0), True),
        (Jobs(2, LATE_S - 1, 0), True),
        (Jobs(40, LATE_S + 600, 2), True),  # behind, but somebody is at it
        (Jobs(1, LATE_S + 1, 0), False),
        (Away(), False),
    ],
)
async def test_workers_are_missed_when_jobs_wait_and_none_is_in_hand(jobs: Jobs | Away, works: bool) -> None:
    state = await workers(jobs)
    assert state.works is works
    assert state.note


async def test_a_provider_works_while_its_breaker_is_closed() -> None:
    states = {"gemini": "closed"}
    checks = provider_checks(states, ("gemini", "google_voice"))
    assert await checks["gemini"]() == DependencyState(True, "breaker closed")
    assert await checks["google_voice"]() == DependencyState(False, "breaker not_opened")
    states["gemini"] = "open"
    assert await checks["gemini"]() == DependencyState(False, "breaker open")
