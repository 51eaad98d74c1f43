"""A stretch of the microphone signal as a WAV file, whole or in parts."""

import re
import struct
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from app.services.speech import BYTES_PER_MS, SAMPLE_RATE

HEADER_BYTES = 44
_BYTES_PER_SAMPLE = 2
_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})", re.ASCII)


class RangeOutside(ValueError):
    """The range begins behind the end."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Bytes `start` (inclusive) to `end` (exclusive) of a file."""

    start: int
    end: int

    @property
    def size(self) -> int:
        """How many bytes."""
        return self.end - self.start


def parse_range(header: str | None, size: int) -> Slice | None:
    """Return the part that a Range header asks for of a file of `size` bytes.

    None means the whole file: there is no header, or one that a server may ignore, such as several ranges
    (RFC 9110, 14.2). Raises RangeOutside.
    """
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None or match.group(0) == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        suffix = min(int(last), size)
        if suffix == 0:
            raise RangeOutside
        return Slice(size - suffix, size)
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= size:
        raise RangeOutside
    return Slice(start, min(int(last) + 1, size) if last else size)


@dataclass(frozen=True, slots=True)
class WavFile:
    """The signal from `start_ms` to `end_ms` as a file of 16 kHz mono PCM16."""

    start_ms: int
    end_ms: int

    @property
    def size(self) -> int:
        """Bytes of the file, its header included."""
        return HEADER_BYTES + self._data_bytes

    @property
    def _data_bytes(self) -> int:
        return (self.end_ms - self.start_ms) * BYTES_PER_MS

    @property
    def header(self) -> bytes:
        """The RIFF header (44 bytes)."""
        return struct.pack(
            "<4sI4s4sIHHIIHH4sI",
            b"RIFF",
            HEADER_BYTES - 8 + self._data_bytes,
            b"WAVE",
            b"fmt ",
            16,
            1,
            1,
            SAMPLE_RATE,
            SAMPLE_RATE * _BYTES_PER_SAMPLE,
            _BYTES_PER_SAMPLE,
            8 * _BYTES_PER_SAMPLE,
            b"data",
            self._data_bytes,
        )

    async def read(
        self, part: Slice, audio: Callable[[int, int], AsyncIterator[bytes]]
    ) -> AsyncIterator[bytes]:
        """Yield the bytes of `part`; `audio(start_ms, end_ms)` yields the signal without gaps."""
        if part.start < HEADER_BYTES:
            yield self.header[part.start : part.end]
        start, end = max(0, part.start - HEADER_BYTES), part.end - HEADER_BYTES
        if end <= start:
            return
        first_ms, last_ms = start // BYTES_PER_MS, -(-end // BYTES_PER_MS)
        skip, left = start - first_ms * BYTES_PER_MS, end - start
        async for chunk in audio(self.start_ms + first_ms, self.start_ms + last_ms):
            wanted = chunk[skip : skip + left]
            skip = max(0, skip - len(chunk))
            left -= len(wanted)
            if wanted:
                yield wanted
