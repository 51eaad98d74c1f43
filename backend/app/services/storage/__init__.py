"""Storage of whole files (audio, reports) under keys."""

from app.services.storage.keys import InvalidKey, checked_folder, checked_key
from app.services.storage.ports import BlobNotFound, BlobStore

__all__ = ["BlobNotFound", "BlobStore", "InvalidKey", "checked_folder", "checked_key"]
