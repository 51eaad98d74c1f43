from pathlib import Path
from typing import Any

import pytest

from app.blobs import blob_store
from app.config import ConfigurationError, Settings


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
    project = {"supabase_url": "https://p.supabase.co", "supabase_key": "sb_secret_x"}
    settings = Settings(_env_file=None, data_dir=tmp_path, **project, **chosen)
    store = blob_store(settings)
    assert type(store).__name__ == kind
    await store.aclose()


@pytest.mark.parametrize("half", [{}, {"supabase_url": "https://p.supabase.co"}, {"supabase_key": "x"}])
def test_a_project_that_is_not_named_is_said_at_the_start(tmp_path: Path, half: dict[str, str]) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path, blob_store="supabase", **half)
    with pytest.raises(ConfigurationError, match="set SUPABASE_URL and SUPABASE_KEY"):
        blob_store(settings)
