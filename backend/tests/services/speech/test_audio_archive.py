import asyncio
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.speech import BYTES_PER_MS, AudioArchive, AudioLog, AudioNotStored, audio_folder
from app.services.speech.audio_keys import audio_key
from tests.fakes.memory_blobs import MemoryBlobs

SESSION = UUID(int=9)
OTHER = UUID(int=10)


def sound(start_ms: int, end_ms: int) -> bytes:
    return b"".join(ms.to_bytes(4, "little") * 8 for ms in range(start_ms, end_ms))


@pytest.fixture
async def blobs() -> MemoryBlobs:
    blobs = MemoryBlobs()
    for start, end in ((0, 1_000), (1_000, 2_000), (2_000, 2_400), (2_400, 3_000), (4_000, 5_000)):
        await blobs.put(audio_key(SESSION, start, 1), sound(start, end))
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
    await blobs.put(audio_key(SESSION, 500, 1), sound(500, 1_500))
    assert await AudioArchive(blobs).read_pcm(SESSION, 200, 2_200) == sound(200, 2_200)


async def test_other_files_in_the_folder_are_ignored(blobs: MemoryBlobs) -> None:
    await blobs.put(f"{audio_folder(SESSION)}notes.txt", b"x")
    assert await AudioArchive(blobs).stored_ms(SESSION) == 5_000


async def owned(blobs: MemoryBlobs, epoch: int, start_ms: int, end_ms: int) -> AudioLog:
    """An owner that has taken in audio and not yet stored it."""
    log = AudioLog(blobs, OTHER, epoch=epoch, start_ms=start_ms)
    log.append(sound(start_ms, end_ms))
    return log


async def test_an_owner_that_wakes_too_late_neither_shortens_nor_replaces_what_the_next_one_stored() -> None:
    blobs = MemoryBlobs()
    archive = AudioArchive(blobs)
    await (await owned(blobs, 1, 0, 700)).flush()
    stale = await owned(blobs, 1, 700, 900)
    assert await archive.stored_ms(OTHER) == 700
    await (await owned(blobs, 2, 700, 2_500)).flush()
    before = dict(blobs.blobs)
    await stale.flush()
    stale.append(sound(4_000, 9_000))
    await stale.flush()
    assert {key: blobs.blobs[key] for key in before} == before
    assert await archive.stored_ms(OTHER) == 2_500
    assert await archive.read_pcm(OTHER, 0, 2_500) == sound(0, 2_500)


async def test_what_an_owner_stored_late_is_kept_where_nobody_else_has_written() -> None:
    blobs = MemoryBlobs()
    await (await owned(blobs, 1, 0, 700)).flush()
    assert await AudioArchive(blobs).stored_ms(OTHER) == 700
    await (await owned(blobs, 1, 700, 900)).flush()
    assert await AudioArchive(blobs).stored_ms(OTHER) == 900
    await (await owned(blobs, 3, 900, 1_000)).flush()
    assert await AudioArchive(blobs).read_pcm(OTHER, 0, 1_000) == sound(0, 1_000)


async def test_a_segment_that_grew_beyond_the_next_owners_beginning_counts_up_to_there() -> None:
    blobs = MemoryBlobs()
    await (await owned(blobs, 1, 0, 1_000)).flush()
    await (await owned(blobs, 2, 600, 800)).flush()
    archive = AudioArchive(blobs)
    assert await archive.stored_ms(OTHER) == 800
    assert await archive.read_pcm(OTHER, 0, 800) == sound(0, 800)
    with pytest.raises(AudioNotStored):
        await archive.read_pcm(OTHER, 0, 801)


@settings(max_examples=100, deadline=None)
@given(
    writes=st.lists(
        st.tuples(
            st.booleans(), st.integers(1, 1_500)
        ),  # whether the session changes hands, how much is said
        min_size=1,
        max_size=12,
    ),
    late=st.integers(1, 3_000),
)
def test_whoever_holds_the_session_stores_one_signal(writes: list[tuple[bool, int]], late: int) -> None:
    async def run() -> None:
        blobs = MemoryBlobs()
        archive = AudioArchive(blobs)
        logs = [AudioLog(blobs, OTHER, epoch=1)]
        said = 0
        for changes_hands, length_ms in writes:
            if changes_hands:
                said = await archive.stored_ms(OTHER)
                logs.append(AudioLog(blobs, OTHER, epoch=len(logs) + 1, start_ms=said))
            logs[-1].append(sound(said, said + length_ms))
            said += length_ms
            await logs[-1].flush()
        for stale in logs[:-1]:
            stale.append(bytes(late * BYTES_PER_MS))
            await stale.flush()
        assert await archive.stored_ms(OTHER) == said
        assert await archive.read_pcm(OTHER, 0, said) == sound(0, said)

    asyncio.run(run())
