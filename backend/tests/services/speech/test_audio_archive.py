from uuid import UUID

import pytest

from app.services.speech import AudioArchive, AudioNotStored, audio_folder
from tests.fakes.memory_blobs import MemoryBlobs

SESSION = UUID(int=9)


def sound(start_ms: int, end_ms: int) -> bytes:
    return b"".join(ms.to_bytes(4, "little") * 8 for ms in range(start_ms, end_ms))


@pytest.fixture
async def blobs() -> MemoryBlobs:
    blobs = MemoryBlobs()
    for start, end in ((0, 1_000), (1_000, 2_000), (2_000, 2_400), (2_400, 3_000), (4_000, 5_000)):
        await blobs.put(f"{audio_folder(SESSION)}{start:010d}.pcm", sound(start, end))
    return blobs


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, 3_000), (0, 1), (999, 1_001), (1_500, 2_700), (2_400, 3_000), (7, 7), (4_000, 5_000)],
)
async def test_reads_any_stored_range(blobs: MemoryBlobs, start: int, end: int) -> None:
    assert await AudioArchive(blobs).read_pcm(SESSION, start, end) == sound(start, end)


@pytest.mark.parametrize(
    ("start", "end", "missing"),
    [(2_500, 3_500, 3_000), (3_200, 3_300, 3_200), (4_500, 5_001, 5_000), (9_000, 9_001, 9_000)],
)
async def test_says_where_a_range_breaks_off(blobs: MemoryBlobs, start: int, end: int, missing: int) -> None:
    with pytest.raises(AudioNotStored) as raised:
        await AudioArchive(blobs).read_pcm(SESSION, start, end)
    assert raised.value.missing_ms == missing


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (5, 4)])
async def test_what_is_no_range_is_refused(blobs: MemoryBlobs, start: int, end: int) -> None:
    with pytest.raises(ValueError, match="Not a range"):
        await AudioArchive(blobs).read_pcm(SESSION, start, end)


async def test_segments_that_overlap_are_joined(blobs: MemoryBlobs) -> None:
    await blobs.put(f"{audio_folder(SESSION)}{500:010d}.pcm", sound(500, 1_500))
    assert await AudioArchive(blobs).read_pcm(SESSION, 200, 2_200) == sound(200, 2_200)


async def test_other_files_in_the_folder_are_ignored(blobs: MemoryBlobs) -> None:
    await blobs.put(f"{audio_folder(SESSION)}notes.txt", b"x")
    assert await AudioArchive(blobs).stored_ms(SESSION) == 5_000
