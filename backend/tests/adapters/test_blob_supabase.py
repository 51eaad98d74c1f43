import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import pytest

from app.adapters.blob_supabase import SupabaseBlobStore
from app.services.errors import StorageUnavailable
from app.services.speech import AudioArchive, AudioLog
from app.services.storage import BlobNotFound, InvalidKey
from tests.fakes.storage_server import BUCKET, KEY, StorageServer, storage_server

SESSION = UUID(int=7_000)


@pytest.fixture
def server() -> Iterator[StorageServer]:
    with storage_server() as server:
        yield server


@pytest.fixture
async def store(server: StorageServer) -> AsyncIterator[SupabaseBlobStore]:
    store = SupabaseBlobStore(server.url, KEY, bucket=BUCKET)
    yield store
    await store.aclose()


async def test_the_first_blob_makes_a_private_bucket_and_what_is_put_can_be_got(
    server: StorageServer, store: SupabaseBlobStore
) -> None:
    await store.put("audio/one/0.pcm", b"\x01\r\n\x00--")
    await store.put("audio/one/0.pcm", b"\x03\xff")
    assert server.buckets == {BUCKET: False}
    assert await store.get("audio/one/0.pcm") == b"\x03\xff"


async def test_processes_that_make_the_bucket_at_once_do_not_disturb_each_other(
    server: StorageServer, store: SupabaseBlobStore
) -> None:
    await asyncio.gather(*(store.put(f"a/{i}", bytes([i])) for i in range(20)))
    assert await store.keys("a/") == sorted(f"a/{i}" for i in range(20))


async def test_keys_are_sorted_only_of_the_folder_and_of_every_page(
    server: StorageServer, store: SupabaseBlobStore
) -> None:
    server.buckets[BUCKET] = False
    server.objects = {f"{BUCKET}/audio/b/{i:05}.pcm": b"" for i in range(2_300)} | {
        f"{BUCKET}/audio/bb/1": b"",
        f"{BUCKET}/audio/b/deep/4": b"",
    }
    keys = await store.keys("audio/b/")
    assert keys == [*(f"audio/b/{i:05}.pcm" for i in range(2_300)), "audio/b/deep/4"]
    assert await store.folders("audio/") == ["b", "bb"]
    await store.delete("audio/b/")
    assert await store.keys("audio/") == ["audio/bb/1"]


async def test_nothing_there(store: SupabaseBlobStore) -> None:
    with pytest.raises(BlobNotFound):
        await store.get("audio/b/1")
    assert await store.keys("audio/") == await store.folders("audio/") == []
    await store.delete("audio/")


@pytest.mark.parametrize("key", ["../outside", "/etc/passwd", "a/../../b"])
async def test_no_way_out_of_the_bucket(server: StorageServer, store: SupabaseBlobStore, key: str) -> None:
    for call in (store.put(key, b"x"), store.get(key), store.keys(key + "/"), store.delete(key + "/")):
        with pytest.raises(InvalidKey):
            await call
    assert server.asked == []


@pytest.mark.parametrize("wrong", [500, 503, 429, "drop", "garbage"])
async def test_a_store_that_fails_says_so_and_changes_nothing(
    server: StorageServer, store: SupabaseBlobStore, wrong: int | str
) -> None:
    await store.put("audio/b/1", b"old")
    for call in (store.put("audio/b/1", b"new"), store.keys("audio/"), store.delete("audio/")):
        server.wrong = [wrong]
        with pytest.raises(StorageUnavailable, match="Supabase Storage"):
            await call
    if wrong != "garbage":  # which no client can tell from a blob
        server.wrong = [wrong]
        with pytest.raises(StorageUnavailable):
            await store.get("audio/b/1")
    assert await store.get("audio/b/1") == b"old"


async def test_a_key_that_is_refused_is_named_and_never_shown(server: StorageServer) -> None:
    store = SupabaseBlobStore(server.url, "sb_secret_of_another_project", bucket=BUCKET)
    with pytest.raises(StorageUnavailable, match="403 Unauthorized") as refused:
        await store.put("a/1", b"x")
    assert "sb_secret" not in str(refused.value)
    await store.aclose()


async def test_a_server_that_is_not_there(unused_tcp_port: int) -> None:
    store = SupabaseBlobStore(f"http://127.0.0.1:{unused_tcp_port}", KEY, bucket=BUCKET)
    with pytest.raises(StorageUnavailable, match="ConnectError"):
        await store.get("a/1")
    await store.aclose()


async def test_sound_survives_a_store_that_fails_in_between(
    server: StorageServer, store: SupabaseBlobStore
) -> None:
    async def no_wait(_: float) -> None:
        return

    sound = b"".join(ms.to_bytes(4, "little") * 8 for ms in range(3_400))
    log = AudioLog(store, SESSION, epoch=1, sleep=no_wait)
    server.wrong = [503, "drop", 503]
    log.append(sound)
    await asyncio.gather(log.store(), log.flush())
    assert await AudioArchive(store).read_pcm(SESSION, 0, 3_400) == sound
