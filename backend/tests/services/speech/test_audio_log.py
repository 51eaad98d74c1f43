import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.speech import AudioArchive, AudioLog, AudioLogFull, AudioLogSettings
from tests.fakes.memory_blobs import MemoryBlobs

SESSION = UUID(int=7_000)
"""Its segments end with the whole seconds."""


def sound(start_ms: int, end_ms: int) -> bytes:
    """Audio in which every millisecond is different from its neighbours."""
    return b"".join(ms.to_bytes(4, "little") * 8 for ms in range(start_ms, end_ms))


@contextlib.asynccontextmanager
async def running(log: AudioLog) -> AsyncIterator[None]:
    tasks: list[asyncio.Task[None]] = []
    log.on_full = lambda: tasks.append(asyncio.create_task(log.store()))
    log.on_full()
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def observed(
    blobs: MemoryBlobs, session: UUID = SESSION, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> tuple[AudioLog, list[int]]:
    """Return a log, and every position that it says is stored."""
    told: list[int] = []
    log = AudioLog(blobs, session, epoch=1, on_stored=lambda: told.append(log.stored_ms), sleep=sleep)
    return log, told


async def until(met: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if met():
            return
        await asyncio.sleep(0)
    pytest.fail("It did not happen.")


def no_wait(delays: list[float]) -> Callable[[float], Awaitable[None]]:
    async def sleep(seconds: float) -> None:
        delays.append(seconds)

    return sleep


async def test_stores_whole_segments_as_they_fill_and_the_rest_on_flush() -> None:
    blobs = MemoryBlobs()
    log, told = observed(blobs)
    async with running(log):
        log.append(sound(0, 999))
        await asyncio.sleep(0)
        assert (log.stored_ms, log.received_ms) == (0, 999)
        log.append(sound(999, 2_300))
        await until(lambda: log.stored_ms == 2_000)
        await log.flush()
        assert (log.stored_ms, log.received_ms) == (2_300, 2_300)
        log.append(sound(2_300, 2_340))
        await log.flush()
    assert told == [1_000, 2_000, 2_300, 2_340]
    assert [key.rpartition("/")[2] for key in sorted(blobs.blobs)] == [
        "0000000000-000001.pcm",
        "0000001000-000001.pcm",
        "0000002000-000001.pcm",
        "0000002300-000001.pcm",
    ]
    assert await AudioArchive(blobs).read_pcm(SESSION, 0, 2_340) == sound(0, 2_340)


async def test_sessions_that_begin_together_are_written_at_different_moments() -> None:
    ends = []
    for number in (7_000, 7_250, 7_999):
        log, told = observed(MemoryBlobs(), UUID(int=number))
        async with running(log):
            log.append(sound(0, 2_000))
            await until(lambda log=log: log.stored_ms > 1_000)  # type: ignore[misc]
        ends.append(told)
    assert ends == [[1_000, 2_000], [750, 1_750], [1, 1_001]]


async def test_nothing_counts_as_stored_before_the_store_has_returned() -> None:
    blobs = MemoryBlobs()
    log = AudioLog(blobs, SESSION, epoch=1)
    async with running(log):
        blobs.gate.clear()
        log.append(sound(0, 1_500))
        await until(lambda: len(blobs.attempts) == 1)
        assert (log.stored_ms, log.received_ms) == (0, 1_500)
        blobs.gate.set()
        await until(lambda: log.stored_ms == 1_000)


async def test_a_failed_write_is_repeated_with_growing_patience_and_never_skipped() -> None:
    blobs, delays = MemoryBlobs(), list[float]()
    blobs.failures = 7
    log, told = observed(blobs, sleep=no_wait(delays))
    log.append(sound(0, 2_000))
    await log.flush()
    assert delays == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    assert len(set(blobs.attempts[:8])) == 1
    assert told == [1_000, 2_000]


async def test_memory_is_bounded_while_the_store_is_slow_and_refused_audio_is_not_taken() -> None:
    blobs = MemoryBlobs()
    log = AudioLog(blobs, SESSION, epoch=1, settings=AudioLogSettings(max_waiting_ms=3_000))
    async with running(log):
        blobs.gate.clear()
        log.append(sound(0, 2_990))
        with pytest.raises(AudioLogFull):
            log.append(sound(2_990, 3_010))
        assert log.received_ms == 2_990
        blobs.gate.set()
        await until(lambda: log.stored_ms == 2_000)
        log.append(sound(2_990, 3_010))
        await log.flush()
    assert await AudioArchive(blobs).read_pcm(SESSION, 0, 3_010) == sound(0, 3_010)


async def begun_flush() -> tuple[MemoryBlobs, AudioLog, asyncio.Task[None]]:
    """Return 300 ms being stored, which ends when the gate is opened."""
    blobs = MemoryBlobs()
    log = AudioLog(blobs, SESSION, epoch=1)
    blobs.gate.clear()
    log.append(sound(0, 300))
    flushing = asyncio.ensure_future(log.flush())
    await until(lambda: len(blobs.attempts) == 1)
    return blobs, log, flushing


async def test_a_cancelled_flush_leaves_no_write_behind_that_could_undo_a_later_one() -> None:
    blobs, log, flushing = await begun_flush()
    flushing.cancel()
    log.append(sound(300, 1_000))
    again = asyncio.ensure_future(log.flush())
    for _ in range(5):
        await asyncio.sleep(0)
    assert len(blobs.attempts) == 1, "the second write waits for the first"
    blobs.gate.set()
    await again
    with pytest.raises(asyncio.CancelledError):
        await flushing
    assert log.stored_ms == 1_000
    assert await AudioArchive(blobs).read_pcm(SESSION, 0, 1_000) == sound(0, 1_000)


async def test_a_flush_that_is_cancelled_over_and_over_waits_for_its_write() -> None:
    blobs, _, flushing = await begun_flush()
    for _ in range(3):
        flushing.cancel()
        await asyncio.sleep(0)
    assert not flushing.done()
    blobs.gate.set()
    with pytest.raises(asyncio.CancelledError):
        await flushing
    assert list(blobs.blobs.values()) == [sound(0, 300)]


async def test_a_log_goes_on_where_another_process_stopped() -> None:
    blobs = MemoryBlobs()
    archive = AudioArchive(blobs)
    assert await archive.stored_ms(SESSION) == 0
    first = AudioLog(blobs, SESSION, epoch=1)
    first.append(sound(0, 1_300))
    await first.flush()
    assert await archive.stored_ms(SESSION) == 1_300
    second = AudioLog(blobs, SESSION, epoch=1, start_ms=1_300)
    second.append(sound(1_300, 2_000))
    await second.flush()
    assert second.stored_ms == await archive.stored_ms(SESSION) == 2_000
    assert await archive.read_pcm(SESSION, 1_000, 1_700) == sound(1_000, 1_700)


async def test_the_last_of_the_sound_is_at_hand_stored_or_not() -> None:
    log = AudioLog(MemoryBlobs(), SESSION, epoch=1)
    log.keep(300)
    for end_ms in range(50, 2_300, 50):
        log.append(sound(end_ms - 50, end_ms))
        if end_ms % 700 == 0:
            await log.flush()
        assert log.latest() == sound(max(0, end_ms - 300), end_ms)
    log.keep(500)
    assert log.latest() == sound(1_800, 2_250)
    log.keep(0)
    assert log.latest() == b""
    await log.flush()
    log.keep(1_000)
    assert log.latest() == b""


async def test_what_another_process_has_stored_is_at_hand_and_not_stored_again() -> None:
    blobs = MemoryBlobs()
    log = AudioLog(blobs, SESSION, epoch=2, start_ms=1_300)
    log.keep(600)
    log.remember(sound(500, 1_300))
    assert (log.latest(), log.received_ms) == (sound(700, 1_300), 1_300)
    log.append(sound(1_300, 1_400))
    assert log.latest() == sound(800, 1_400)
    with pytest.raises(ValueError, match="comes before"):
        log.remember(sound(0, 10))
    await log.flush()
    assert [key.rpartition("/")[2] for key in blobs.blobs] == ["0000001300-000002.pcm"]
    assert await AudioArchive(blobs).read_pcm(SESSION, 1_300, 1_400) == sound(1_300, 1_400)


async def test_part_of_a_millisecond_is_refused() -> None:
    with pytest.raises(ValueError, match="whole milliseconds"):
        AudioLog(MemoryBlobs(), SESSION, epoch=1).append(bytes(33))


@settings(max_examples=60, deadline=None)
@given(
    pieces=st.lists(st.integers(0, 1_700), max_size=12),
    flushes=st.sets(st.integers(0, 12)),
    failures=st.integers(0, 6),
)
def test_whatever_happens_the_audio_reads_back_whole(
    pieces: list[int], flushes: set[int], failures: int
) -> None:
    async def session() -> None:
        blobs = MemoryBlobs()
        blobs.failures = failures
        log, told = observed(blobs, sleep=no_wait([]))
        async with running(log):
            for number, ms in enumerate(pieces):
                log.append(sound(log.received_ms, log.received_ms + ms))
                if number in flushes:
                    await log.flush()
                await asyncio.sleep(0)
            await log.flush()
        total = sum(pieces)
        assert log.stored_ms == log.received_ms == total
        assert told == sorted(set(told))
        assert await AudioArchive(blobs).read_pcm(SESSION, 0, total) == sound(0, total)

    asyncio.run(session())
