"""A session's stored microphone audio, read back by position."""

from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from app.services.speech.audio_keys import audio_folder, segment_start
from app.services.speech.types import BYTES_PER_MS
from app.services.storage import BlobNotFound, BlobStore


class AudioNotStored(LookupError):
    """Part of the range is not stored; `missing_ms` is where it breaks off."""

    def __init__(self, missing_ms: int) -> None:
        super().__init__(f"There is no stored audio at {missing_ms} ms.")
        self.missing_ms = missing_ms


@dataclass(frozen=True, slots=True)
class _Segment:
    """A stored piece of the signal; what it holds from `until_ms` on (None: nothing) does not count."""

    start_ms: int
    key: str
    until_ms: int | None


class AudioArchive:
    """Reads what AudioLog wrote. Methods raise services.errors.StorageUnavailable.

    From where a later owner of the session began to write, nothing counts that an earlier one has written:
    the earlier one may have been stopped in the middle and gone on when it had lost the session already.
    """

    def __init__(self, store: BlobStore) -> None:
        self._store = store

    async def stored_ms(self, session_id: UUID) -> int:
        """Return the position up to which the session's audio is stored, where a log goes on; 0 for none."""
        segments = await self._segments(session_id)
        if not segments:
            return 0
        last = segments[-1]
        return last.start_ms + len(await self._get(last)) // BYTES_PER_MS

    async def read_pcm(self, session_id: UUID, start_ms: int, end_ms: int) -> bytes:
        """Return [start_ms, end_ms) as 16 kHz mono PCM16. Raises ValueError, AudioNotStored."""
        if not 0 <= start_ms <= end_ms:
            raise ValueError(f"Not a range: {start_ms} to {end_ms} ms.")
        segments = await self._segments(session_id)
        first_ms = max((s.start_ms for s in segments if s.start_ms <= start_ms), default=start_ms)
        pcm = bytearray()
        position = start_ms
        for segment in segments:
            if segment.start_ms < first_ms:
                continue
            if position == end_ms or segment.start_ms > position:
                break
            at_ms = segment.start_ms
            stored = await self._get(segment)
            taken = stored[(position - at_ms) * BYTES_PER_MS : (end_ms - at_ms) * BYTES_PER_MS]
            pcm += taken
            position += len(taken) // BYTES_PER_MS
        if position < end_ms:
            raise AudioNotStored(position)
        return bytes(pcm)

    async def _segments(self, session_id: UUID) -> list[_Segment]:
        """Return the segments that count, in order."""
        keys = await self._store.keys(audio_folder(session_id))
        named = [(*place, key) for key in keys if (place := segment_start(key)) is not None]
        counting: list[_Segment] = []
        until_ms: int | None = None
        for _, written in groupby(sorted(named, key=_latest_first), key=lambda place: place[1]):
            of_one = [
                _Segment(start_ms, key, until_ms)
                for start_ms, _, key in written
                if until_ms is None or start_ms < until_ms
            ]
            counting += of_one
            until_ms = min((segment.start_ms for segment in of_one), default=until_ms)
        return sorted(counting, key=lambda segment: segment.start_ms)

    async def _get(self, segment: _Segment) -> bytes:
        try:
            stored = await self._store.get(segment.key)
        except BlobNotFound:  # removed since it was listed
            return b""
        if segment.until_ms is None:
            return stored
        return stored[: (segment.until_ms - segment.start_ms) * BYTES_PER_MS]


def _latest_first(place: tuple[int, int, str]) -> tuple[int, int]:
    start_ms, epoch, _ = place
    return -epoch, start_ms
