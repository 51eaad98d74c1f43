"""Blobs as files below one folder."""

import asyncio
import contextlib
import os
import shutil
from pathlib import Path
from tempfile import NamedTemporaryFile

from app.services.errors import StorageUnavailable
from app.services.storage import BlobNotFound, checked_folder, checked_key

_HALF = ".half-"


class FilesystemBlobStore:
    """Implements BlobStore; files are written on threads and synced to the disk."""

    def __init__(self, root: Path) -> None:
        """Keep blobs below `root`, which is made when the first one is stored."""
        self._root = root.resolve()

    async def put(self, key: str, data: bytes) -> None:
        """Store `data` durably. Raises InvalidKey, StorageUnavailable."""
        path = self._root / checked_key(key)
        try:
            await asyncio.to_thread(_write, path, data)
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

    async def delete(self, folder: str) -> None:
        """Remove everything below `folder`. Raises InvalidKey, StorageUnavailable."""
        path = self._root / checked_folder(folder)
        try:
            await asyncio.to_thread(_remove, path)
        except OSError as failure:
            raise StorageUnavailable(f"The folder could not be removed: {failure.strerror}") from failure

    def _walk(self, folder: Path) -> list[str]:
        return sorted(
            (Path(parent) / name).relative_to(self._root).as_posix()
            for parent, _, names in os.walk(folder)
            for name in names
            if not name.startswith(_HALF)
        )


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=_HALF, delete=False) as half:
        try:
            half.write(data)
            half.flush()
            os.fsync(half.fileno())
            os.replace(half.name, path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(half.name)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(folder: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)
