"""Blobs as files below one folder."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.services.errors import StorageUnavailable
from app.services.new_id import new_id
from app.services.storage import BlobNotFound, checked_folder, checked_key

WRITERS = 4
"""200 segments a second even where a write takes 20 ms; more only compete for the interpreter's lock."""
_HALF = ".half-"
_MOST_AT_ONCE = 1_024
"""Pieces that one system call takes."""
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


class FilesystemBlobStore:
    """Implements BlobStore; files are written on threads and synced to the disk."""

    def __init__(self, root: Path) -> None:
        """Keep blobs below `root`, which is made when the first one is stored."""
        self._root = root.resolve()
        self._writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="blob-writer")

    async def put(self, key: str, *pieces: bytes | memoryview) -> None:
        """Store the pieces durably as one file. Raises InvalidKey, StorageUnavailable."""
        path = self._root / checked_key(key)
        try:
            await asyncio.get_running_loop().run_in_executor(self._writers, _write, path, pieces)
        except OSError as failure:
            raise StorageUnavailable(f"The file could not be stored: {failure.strerror}") from failure

    async def get(self, key: str) -> bytes:
        """Return what is stored. Raises InvalidKey, BlobNotFound, StorageUnavailable."""
        path = self._root / checked_key(key)
        try:
            return await asyncio.to_thread(path.read_bytes)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise BlobNotFound(key) from None
        except OSError as failure:
            raise StorageUnavailable(f"The file could not be read: {failure.strerror}") from failure

    async def keys(self, folder: str) -> list[str]:
        """Return all keys below `folder`, sorted. Raises InvalidKey, StorageUnavailable."""
        path = self._root / checked_folder(folder)
        try:
            return await asyncio.to_thread(self._walk, path)
        except OSError as failure:
            raise StorageUnavailable(f"The folder could not be read: {failure.strerror}") from failure

    async def folders(self, parent: str) -> list[str]:
        """Return the names of the folders right below `parent`. Raises InvalidKey, StorageUnavailable."""
        path = self._root / checked_folder(parent)
        try:
            return await asyncio.to_thread(_folders, path)
        except OSError as failure:
            raise StorageUnavailable(f"The folder could not be read: {failure.strerror}") from failure

    async def delete(self, folder: str) -> None:
        """Remove everything below `folder`. Raises InvalidKey, StorageUnavailable."""
        path = self._root / checked_folder(folder)
        try:
            await asyncio.to_thread(_remove, path)
        except OSError as failure:
            raise StorageUnavailable(f"The folder could not be removed: {failure.strerror}") from failure

    async def aclose(self) -> None:
        """Let the threads go; what is being written is written to its end."""
        self._writers.shutdown(wait=False)

    def _walk(self, folder: Path) -> list[str]:
        return sorted(
            (Path(parent) / name).relative_to(self._root).as_posix()
            for parent, _, names in os.walk(folder)
            for name in names
            if not name.startswith(_HALF)
        )


def _write(path: Path, pieces: Sequence[bytes | memoryview]) -> None:
    """Write beside the place, sync, move into place, sync the name.

    Plain system calls: each gives up the interpreter's lock, and a busy event loop is slow to return it.
    """
    folder = os.fspath(path.parent)
    half = os.path.join(folder, _HALF + new_id().hex)
    try:
        descriptor = os.open(half, _NEW_FILE, 0o600)
    except FileNotFoundError:
        os.makedirs(folder, exist_ok=True)
        descriptor = os.open(half, _NEW_FILE, 0o600)
    try:
        try:
            _write_all(descriptor, pieces)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(half, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(half)
        raise
    _sync_folder(folder)


def _write_all(descriptor: int, pieces: Sequence[bytes | memoryview]) -> None:
    rest = [memoryview(piece) for piece in pieces]
    while rest:
        written = os.writev(descriptor, rest[:_MOST_AT_ONCE])
        while rest and written >= len(rest[0]):
            written -= len(rest.pop(0))
        if written:
            rest[0] = rest[0][written:]


def _sync_folder(folder: str) -> None:
    """Make the new name itself durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _folders(parent: Path) -> list[str]:
    try:
        with os.scandir(parent) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except FileNotFoundError:
        return []


def _remove(folder: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)
