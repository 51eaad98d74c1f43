"""What services need from a store of files; adapters provide it.

Every method raises InvalidKey for a name that is none, and services.errors.StorageUnavailable when the store
cannot serve for now: then nothing was changed, and the call may be repeated.
"""

from typing import Protocol


class BlobNotFound(LookupError):
    """Nothing is stored under the key."""


class BlobStore(Protocol):
    """Bytes under keys such as `audio/<session>/0000001000.pcm`."""

    async def put(self, key: str, *pieces: bytes | memoryview) -> None:
        """Store the pieces, one behind the other, durably before returning; they must not change until then.

        Readers see the old content or the new, never half.
        """
        ...

    async def get(self, key: str) -> bytes:
        """Return what is stored. Raises BlobNotFound."""
        ...

    async def keys(self, folder: str) -> list[str]:
        """Return all keys below `folder` (ends with '/'), sorted."""
        ...

    async def folders(self, parent: str) -> list[str]:
        """Return the names of the folders right below `parent` (ends with '/'), sorted."""
        ...

    async def delete(self, folder: str) -> None:
        """Remove everything below `folder` (ends with '/'); nothing there is fine."""
        ...
