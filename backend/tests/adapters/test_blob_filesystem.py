import asyncio
import os
from itertools import pairwise
from pathlib import Path

import pytest

from app.adapters.blob_filesystem import FilesystemBlobStore
from app.services.errors import StorageUnavailable
from app.services.storage import BlobNotFound, InvalidKey


@pytest.fixture
def store(tmp_path: Path) -> FilesystemBlobStore:
    return FilesystemBlobStore(tmp_path / "blobs")


async def test_what_is_put_can_be_got_also_after_a_restart(
    store: FilesystemBlobStore, tmp_path: Path
) -> None:
    await store.put("audio/one/0.pcm", b"\x01\x02")
    await store.put("audio/one/0.pcm", b"\x03")
    again = FilesystemBlobStore(tmp_path / "blobs")
    assert await again.get("audio/one/0.pcm") == b"\x03"


async def test_pieces_become_one_file_however_little_is_written_at_once(
    store: FilesystemBlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = bytes(range(256)) * 20
    cuts = [0, 0, 1, 700, 700, 4_096, *range(4_100, 5_120, 3), 5_120]
    pieces = [memoryview(sound)[begin:end] for begin, end in pairwise(cuts)]
    write, sizes = os.writev, iter([1, 699, 5, 3_391, 2, 1_000_000])

    def write_some(descriptor: int, buffers: list[memoryview]) -> int:
        return write(descriptor, [b"".join(buffers)[: next(sizes)]])

    monkeypatch.setattr(os, "writev", write_some)
    await store.put("audio/one/0.pcm", *pieces)
    assert await store.get("audio/one/0.pcm") == sound

    monkeypatch.undo()
    await store.put("audio/one/1.pcm", *(sound[at : at + 1] for at in range(len(sound))))
    assert await store.get("audio/one/1.pcm") == sound


async def test_keys_are_sorted_and_only_of_the_folder(store: FilesystemBlobStore) -> None:
    for key in ("audio/b/2", "audio/b/1", "audio/bb/3", "audio/a/9", "audio/b/deep/4"):
        await store.put(key, b"")
    assert await store.keys("audio/b/") == ["audio/b/1", "audio/b/2", "audio/b/deep/4"]
    assert await store.keys("nothing/here/") == []


async def test_folders_are_those_right_below(store: FilesystemBlobStore) -> None:
    for key in ("audio/b/1", "audio/a/deep/2", "audio/loose", "reports/c/1"):
        await store.put(key, b"")
    assert await store.folders("audio/") == ["a", "b"]
    assert await store.folders("nothing/here/") == []


async def test_delete_takes_the_folder_and_no_other(store: FilesystemBlobStore) -> None:
    for key in ("audio/b/1", "audio/bb/1"):
        await store.put(key, b"x")
    await store.delete("audio/b/")
    await store.delete("audio/b/")
    assert await store.keys("audio/") == ["audio/bb/1"]


async def test_missing(store: FilesystemBlobStore) -> None:
    await store.put("audio/b/1", b"x")
    for key in ("audio/b/2", "audio/b", "audio/b/1/more"):
        with pytest.raises(BlobNotFound):
            await store.get(key)


@pytest.mark.parametrize("key", ["../outside", "/etc/passwd", "a/../../b"])
async def test_no_way_out_of_the_folder(store: FilesystemBlobStore, tmp_path: Path, key: str) -> None:
    for call in (store.put(key, b"x"), store.get(key), store.keys(key + "/"), store.delete(key + "/")):
        with pytest.raises(InvalidKey):
            await call
    assert os.listdir(tmp_path) == []


async def test_a_write_that_fails_leaves_the_old_content_and_nothing_half(
    store: FilesystemBlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.put("audio/b/1", b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageUnavailable, match="No space left"):
        await store.put("audio/b/1", b"new")
    monkeypatch.undo()
    assert await store.get("audio/b/1") == b"old"
    assert await store.keys("audio/") == ["audio/b/1"]
    assert os.listdir(tmp_path / "blobs" / "audio" / "b") == ["1"]


async def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = FilesystemBlobStore(tmp_path / "file")
    with pytest.raises(StorageUnavailable):
        await store.put("a", b"x")


async def test_many_at_once(store: FilesystemBlobStore) -> None:
    await asyncio.gather(*(store.put(f"a/{i % 5}", bytes([i])) for i in range(40)))
    assert await store.keys("a/") == [f"a/{i}" for i in range(5)]
    assert all([len(await store.get(f"a/{i}")) == 1 for i in range(5)])
