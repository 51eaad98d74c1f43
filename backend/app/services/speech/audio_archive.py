"""A session's stored microphone audio, read back by position."""

from uuid import UUID

from app.services.speech.audio_keys import audio_folder, segment_start
from app.services.speech.types import BYTES_PER_MS
from app.services.storage import BlobNotFound, BlobStore


class AudioNotStored(LookupError):
    """Part of the range is not stored; `missing_ms` is where it breaks off."""

    def __init__(self, missing_ms: int) -> None:
        super().__init__(f"There is no stored audio at {missing_ms} ms.")
        self.missing_ms = missing_ms


class AudioArchive:
    """Reads what AudioLog wrote. Methods raise services.errors.StorageUnavailable."""

    def __init__(self, store: BlobStore) -> None:
        self._store = store

    async def stored_ms(self, session_id: UUID) -> int:
        """Return the position up to which the session's audio is stored, where a log goes on; 0 for none."""
        segments = await self._segments(session_id)
        if not segments:
            return 0
        start_ms, key = segments[-1]
        return start_ms + len(await self._get(key)) // BYTES_PER_MS

    async def read_pcm(self, session_id: UUID, start_ms: int, end_ms: int) -> bytes:
        """Return [start_ms, end_ms) as 16 kHz mono PCM16. Raises ValueError, AudioNotStored."""
        if not 0 <= start_ms <= end_ms:
            raise ValueError(f"Not a range: {start_ms} to {end_ms} ms.")
        segments = await self._segments(session_id)
        first_ms = max((start for start, _ in segments if start <= start_ms), default=start_ms)
        pcm = bytearray()
        position = start_ms
        for segment_ms, key in segments:
            if segment_ms < first_ms:
                continue
            if position == end_ms or segment_ms > position:
                break
            segment = await self._get(key)
            taken = segment[(position - segment_ms) * BYTES_PER_MS : (end_ms - segment_ms) * BYTES_PER_MS]
            pcm += taken
            position += len(taken) // BYTES_PER_MS
        if position < end_ms:
            raise AudioNotStored(position)
        return bytes(pcm)

    async def _segments(self, session_id: UUID) -> list[tuple[int, str]]:
        keys = await self._store.keys(audio_folder(session_id))
        return sorted((start, key) for key in keys if (start := segment_start(key)) is not None)

    async def _get(self, key: str) -> bytes:
        try:
            return await self._store.get(key)
        except BlobNotFound:  # removed since it was listed
            return b""
