"""Blobs as objects in a private bucket of Supabase Storage."""

import httpx
import structlog
from storage3 import AsyncStorageClient
from storage3.exceptions import StorageApiError
from storage3.types import SearchV2Options, SearchV2Result

from app.services.errors import StorageUnavailable
from app.services.storage import BlobNotFound, checked_folder, checked_key

CONNECTIONS = 64
"""As many writes as may be under way; an exam makes one a second, and each takes some tenths of one."""
CONNECT_S = 5.0
ANSWER_S = 20.0
PAGE = 1_000
_NEVER_CACHED = "0"
_FAILURES = (StorageApiError, httpx.HTTPError, ValueError, KeyError)
"""What an answer raises that never came, refuses, or cannot be read (pydantic's errors are ValueErrors)."""

log = structlog.get_logger()


class SupabaseBlobStore:
    """Implements BlobStore. The bucket is made, private, when the first blob is stored."""

    def __init__(self, project_url: str, secret_key: str, *, bucket: str) -> None:
        """`secret_key` is the project's secret or service role key: row level security does not bind it."""
        headers = {"apikey": secret_key, "authorization": f"Bearer {secret_key}"}
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S, pool=ANSWER_S),
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
        )
        self._client = AsyncStorageClient(f"{project_url}/storage/v1/", headers, http_client=self._http)
        self._bucket = bucket
        self._files = self._client.from_(bucket)

    async def put(self, key: str, *pieces: bytes | memoryview) -> None:
        """Store the pieces durably as one blob. Raises InvalidKey, StorageUnavailable."""
        checked_key(key)
        data = b"".join(pieces)
        try:
            try:
                await self._upload(key, data)
            except StorageApiError as refused:
                if not _is_missing(refused):
                    raise
                await self._make_bucket()
                await self._upload(key, data)
        except _FAILURES as failure:
            raise _unavailable("stored", failure) from failure

    async def get(self, key: str) -> bytes:
        """Return what is stored. Raises InvalidKey, BlobNotFound, StorageUnavailable."""
        checked_key(key)
        try:
            return await self._files.download(key)
        except _FAILURES as failure:
            if _is_missing(failure):
                raise BlobNotFound(key) from None
            raise _unavailable("read", failure) from failure

    async def keys(self, folder: str) -> list[str]:
        """Return all keys below `folder`, sorted. Raises InvalidKey, StorageUnavailable."""
        pages = await self._list({"prefix": checked_folder(folder), "limit": PAGE, "with_delimiter": False})
        return sorted(entry.key or entry.name for page in pages for entry in page.objects)

    async def folders(self, parent: str) -> list[str]:
        """Return the names of the folders right below `parent`. Raises InvalidKey, StorageUnavailable."""
        pages = await self._list({"prefix": checked_folder(parent), "limit": PAGE, "with_delimiter": True})
        paths = (entry.key or entry.name for page in pages for entry in page.folders)
        return sorted({path.rstrip("/").rpartition("/")[2] for path in paths})

    async def delete(self, folder: str) -> None:
        """Remove everything below `folder`. Raises InvalidKey, StorageUnavailable."""
        keys = await self.keys(folder)
        try:
            for first in range(0, len(keys), PAGE):
                await self._files.remove(keys[first : first + PAGE])
        except _FAILURES as failure:
            raise _unavailable("removed", failure) from failure

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _upload(self, key: str, data: bytes) -> None:
        await self._files.upload(
            key,
            data,
            {"upsert": "true", "content-type": "application/octet-stream", "cache-control": _NEVER_CACHED},
        )

    async def _list(self, wanted: SearchV2Options) -> list[SearchV2Result]:
        pages: list[SearchV2Result] = []
        try:
            while True:
                pages.append(await self._files.list_v2(wanted))
                cursor = pages[-1].nextCursor
                if not pages[-1].hasNext or not cursor:
                    return pages
                wanted["cursor"] = cursor
        except _FAILURES as failure:
            if _is_missing(failure):
                return []
            raise _unavailable("listed", failure) from failure

    async def _make_bucket(self) -> None:
        try:
            await self._client.create_bucket(self._bucket, options={"public": False})
        except StorageApiError as refused:
            if str(refused.status) != "409":  # another process was quicker
                raise
        else:
            log.info("blobs.bucket_made", bucket=self._bucket)


def _is_missing(failure: Exception) -> bool:
    return isinstance(failure, StorageApiError) and str(failure.status) == "404"


def _unavailable(done: str, failure: Exception) -> StorageUnavailable:
    match failure:
        case StorageApiError(status=status, code=code):
            reason = f"{status} {code}"
        case _:
            reason = type(failure).__name__
    return StorageUnavailable(f"Supabase Storage: the file could not be {done} ({reason}).")
