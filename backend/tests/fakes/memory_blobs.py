"""Blobs in memory, with a store that can be slow or out of order."""

import asyncio

from app.services.errors import StorageUnavailable
from app.services.storage import BlobNotFound, checked_folder, checked_key


class MemoryBlobs:
    """Implements BlobStore. The next `failures` writes fail; none ends while `gate` is closed.

    While `down` everything else is refused too.
    """

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.attempts: list[str] = []
        self.failures = 0
        self.down = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def put(self, key: str, *pieces: bytes | memoryview) -> None:
        """Store, when the gate is open."""
        self.attempts.append(checked_key(key))
        await self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise StorageUnavailable("The store is down.")
        self._check()
        self.blobs[key] = b"".join(pieces)

    async def get(self, key: str) -> bytes:
        """Return what is stored."""
        self._check()
        try:
            return self.blobs[checked_key(key)]
        except KeyError:
            raise BlobNotFound(key) from None

    async def keys(self, folder: str) -> list[str]:
        """Return the keys below the folder."""
        self._check()
        return sorted(key for key in self.blobs if key.startswith(checked_folder(folder)))

    async def folders(self, parent: str) -> list[str]:
        """Return the names of the folders right below the parent."""
        below = [key.removeprefix(parent) for key in await self.keys(parent)]
        return sorted({name.split("/")[0] for name in below if "/" in name})

    async def delete(self, folder: str) -> None:
        """Remove the folder."""
        for key in await self.keys(folder):
            del self.blobs[key]

    def _check(self) -> None:
        if self.down:
            raise StorageUnavailable("The store is down.")
