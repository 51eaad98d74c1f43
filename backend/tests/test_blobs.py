from pathlib import Path
from typing import Any

import pytest

from app.blobs import blob_store
from app.config import Settings


@pytest.mark.parametrize(
    ("chosen", "kind"),
    [
        ({}, "FilesystemBlobStore"),
        ({"blob_store": "supabase"}, "SupabaseBlobStore"),
        ({"environment": "prod"}, "SupabaseBlobStore"),
        ({"environment": "prod", "blob_store": "folder"}, "FilesystemBlobStore"),
    ],
)
async def test_production_keeps_blobs_in_supabase_unless_told_otherwise(
    tmp_path: Path, chosen: dict[str, Any], kind: str
) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path, supabase_url="https://p.supabase.co", **chosen)
    store = blob_store(settings)
    assert type(store).__name__ == kind
    await store.aclose()
