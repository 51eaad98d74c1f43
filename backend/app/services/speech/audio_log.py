"""The microphone audio of a session, written to the blob store in short segments.

Audio counts as stored only when the store has returned. A failed write is repeated until it succeeds and
nothing is written past it, so the stored position never runs ahead and the segments have no gap.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import structlog

from app.services.errors import StorageUnavailable
from app.services.speech.audio_keys import audio_key
from app.services.speech.pcm_queue import PcmQueue
from app.services.speech.types import BYTES_PER_MS
from app.services.storage import BlobStore

log = structlog.get_logger()


class AudioLogFull(Exception):
    """The store is too slow: nothing was taken. Read no more from the microphone until audio is stored."""


@dataclass(frozen=True, slots=True)
class AudioLogSettings:
    """`segment_ms` of audio become a segment; at most `max_waiting_ms` wait in memory (32 bytes each).

    Where a segment ends is the session's own: many sessions that begin together, as after a restart, would
    otherwise be written all at the same moment of every second.

    A failed write is repeated after `retry_s`, then twice as long each time, up to `max_retry_s`.
    """

    segment_ms: int = 1_000
    max_waiting_ms: int = 20_000
    retry_s: float = 0.2
    max_retry_s: float = 5.0


DEFAULTS = AudioLogSettings()


def _nobody() -> None:
    """Nobody stores anything yet."""


class AudioLog:
    """Audio from `start_ms` on; everything before it is stored already.

    `on_full`, set by whoever calls `store`, is called when a segment is full.
    The last of it stays at hand although it is stored, as much as `keep` says.
    """

    def __init__(
        self,
        store: BlobStore,
        session_id: UUID,
        *,
        epoch: int,
        start_ms: int = 0,
        on_stored: Callable[[], None] | None = None,
        settings: AudioLogSettings = DEFAULTS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`epoch` is the one under which the session is held. `on_stored` is called at every new stored
        position, on the event loop."""
        self._store = store
        self._epoch = epoch
        self._session_id = session_id
        self._settings = settings
        self.on_full: Callable[[], None] = _nobody
        self._on_stored = on_stored
        self._sleep = sleep
        self._phase_ms = session_id.int % self._settings.segment_ms
        self._stored_ms = start_ms
        self._sound = PcmQueue()
        self._kept = 0
        self._keep = 0
        self._writing = asyncio.Lock()

    @property
    def stored_ms(self) -> int:
        """The position up to which all audio is stored."""
        return self._stored_ms

    @property
    def received_ms(self) -> int:
        """The position after the last audio appended."""
        return self._stored_ms + self._waiting // BYTES_PER_MS

    def append(self, pcm: bytes) -> None:
        """Take PCM16 of whole milliseconds that follows what was appended before.

        Nothing that is at hand is let go before `keep` says how much still matters.

        Raises ValueError for part of a millisecond, AudioLogFull when too much is waiting; then nothing was
        taken.
        """
        if len(pcm) % BYTES_PER_MS:
            raise ValueError("Append whole milliseconds of 16 kHz mono PCM16.")
        if self._waiting + len(pcm) > self._settings.max_waiting_ms * BYTES_PER_MS:
            raise AudioLogFull("The audio store cannot keep up; stop sending and try again shortly.")
        self._sound.append(pcm)
        if self.received_ms >= self._segment_end_ms:
            self.on_full()

    def remember(self, pcm: bytes) -> None:
        """Have sound at hand that is stored already; what is appended next follows it.

        Raises ValueError when something waits to be stored.
        """
        if self._waiting:
            raise ValueError("What is stored comes before what is not.")
        self._sound.append(pcm)
        self._kept += len(pcm)
        self._let_go()

    def keep(self, ms: int) -> None:
        """Have the last `ms` at hand from now on, as far as they still are, stored or not."""
        self._keep = ms * BYTES_PER_MS
        self._let_go()

    def latest(self) -> bytes:
        """Return the last of the sound: as much as is to be kept, less if there is not as much at hand."""
        size = len(self._sound)
        return b"".join(self._sound.read(size - min(size, self._keep), size))

    async def store(self) -> None:
        """Store every segment that is full, or fills meanwhile."""
        while self.received_ms >= self._segment_end_ms:
            await self._store_until(self._segment_end_ms)

    async def flush(self) -> None:
        """Return when everything appended so far is stored, the last piece as a shorter segment."""
        await self._store_until(self.received_ms)

    @property
    def _waiting(self) -> int:
        """Bytes that are not stored yet."""
        return len(self._sound) - self._kept

    def _let_go(self) -> None:
        spare = min(self._kept, max(0, len(self._sound) - self._keep))
        self._sound.drop(spare)
        self._kept -= spare

    @property
    def _segment_end_ms(self) -> int:
        """Where the segment ends that follows what is stored."""
        segment_ms = self._settings.segment_ms
        return self._stored_ms + segment_ms - (self._stored_ms + self._phase_ms) % segment_ms

    async def _store_until(self, target_ms: int) -> None:
        async with self._writing:
            while self._stored_ms < target_ms:
                size = (min(self._segment_end_ms, target_ms) - self._stored_ms) * BYTES_PER_MS
                await self._write(self._sound.read(self._kept, self._kept + size))
                self._kept += size
                self._let_go()
                self._stored_ms += size // BYTES_PER_MS
                if self._on_stored is not None:
                    self._on_stored()

    async def _write(self, pieces: list[memoryview]) -> None:
        key = audio_key(self._session_id, self._stored_ms, self._epoch)
        wait_s = self._settings.retry_s
        while True:
            try:
                await self._put(key, pieces)
            except StorageUnavailable as failure:
                log.warning("audio.write_failed", key=key, reason=str(failure))
                await self._sleep(wait_s)
                wait_s = min(2 * wait_s, self._settings.max_retry_s)
            else:
                return

    async def _put(self, key: str, pieces: list[memoryview]) -> None:
        """Store one segment; when cancelled, however often, wait until the write has ended.

        A write left behind could end after a later one of the same key, and put less audio in its place, or
        find another session's sound where the pieces were.
        """
        write = asyncio.ensure_future(self._store.put(key, *pieces))
        try:
            await asyncio.shield(write)
        except asyncio.CancelledError:
            while not write.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([write])
            raise
