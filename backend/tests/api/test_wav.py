"""WAV files and their parts, for every part of a small one."""

import io
import wave
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.wav import RangeOutside, Slice, WavFile, parse_range
from tests.fakes.ramp import ramp

FILE = WavFile(start_ms=7, end_ms=20)


async def read(part: Slice) -> bytes:
    async def audio(start_ms: int, end_ms: int) -> AsyncIterator[bytes]:
        signal = ramp(start_ms, end_ms)
        for begin in range(0, len(signal), 101):
            yield signal[begin : begin + 101]

    return b"".join([chunk async for chunk in FILE.read(part, audio)])


async def test_the_file_opens_as_what_it_says() -> None:
    with wave.open(io.BytesIO(await read(Slice(0, FILE.size)))) as opened:
        assert opened.getparams()[:4] == (1, 2, 16_000, 13 * 16)
        assert opened.readframes(13 * 16) == ramp(7, 20)


async def test_every_part_is_a_part_of_the_whole() -> None:
    whole = await read(Slice(0, FILE.size))
    for start in range(0, FILE.size, 5):
        for end in range(start + 1, FILE.size + 1, 7):
            assert await read(Slice(start, end)) == whole[start:end]


@given(st.integers(0, 99), st.integers(0, 200))
def test_ranges_stay_within_the_file(first: int, length: int) -> None:
    part = parse_range(f"bytes={first}-{first + length}", 100)
    assert part == Slice(first, min(100, first + length + 1))


@pytest.mark.parametrize(
    "header",
    [None, "", "bytes", "bytes=-", "bytes=a-b", "bytes=5-2", "bytes=0-1,5-6", "lines=0-5", "bytes=٣-٤"],
)
def test_what_a_server_may_ignore_is_ignored(header: str | None) -> None:
    assert parse_range(header, 100) is None


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0", f"bytes={10**18}-"])
def test_ranges_behind_the_end(header: str) -> None:
    with pytest.raises(RangeOutside):
        parse_range(header, 100)


def test_a_long_suffix_is_the_whole_file() -> None:
    assert parse_range("bytes=-1000", 100) == Slice(0, 100)
