"""Where audio and reports are kept, by the settings."""

from typing import Protocol

from app.adapters.blob_filesystem import FilesystemBlobStore
from app.config import Settings
from app.services.storage import BlobStore


class OpenBlobs(BlobStore, Protocol):
    """A store that its owner closes."""

    async def aclose(self) -> None:
        """Let go what it holds. Idempotent."""
        ...


def blob_store(settings: Settings) -> OpenBlobs:
    """Return the store that `settings` name; nothing is opened before the first use.

    Raises ConfigurationError.
    """
    match settings.blobs_in():
        case "supabase":
            from app.adapters.blob_supabase import SupabaseBlobStore  # noqa: PLC0415 - its client takes 6 MB

            return SupabaseBlobStore(
                settings.supabase_url, settings.supabase_key, bucket=settings.supabase_bucket
            )
        case "folder":
            return FilesystemBlobStore(settings.blob_dir)
