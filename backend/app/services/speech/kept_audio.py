"""The end of a turn's audio, kept for as long as somebody may have to hear it again."""

from app.services.speech.types import BYTES_PER_MS


class KeptAudio:
    """PCM16 from `start_ms` on, in session milliseconds; 32 bytes a millisecond."""

    __slots__ = ("_pcm", "start_ms")

    def __init__(self, start_ms: int) -> None:
        self._pcm = bytearray()
        self.start_ms = start_ms

    @property
    def end_ms(self) -> int:
        """The position after the last whole millisecond."""
        return self.start_ms + len(self._pcm) // BYTES_PER_MS

    def append(self, pcm: bytes) -> None:
        """Add what follows."""
        self._pcm += pcm

    def read(self, from_ms: int, to_ms: int) -> bytes:
        """Return what is kept of [from_ms, to_ms)."""
        first = max(0, from_ms - self.start_ms) * BYTES_PER_MS
        return bytes(self._pcm[first : max(0, to_ms - self.start_ms) * BYTES_PER_MS])

    def forget_before(self, at_ms: int) -> None:
        """Let go of what comes before `at_ms`."""
        size_ms = min(max(0, at_ms - self.start_ms), len(self._pcm) // BYTES_PER_MS)
        del self._pcm[: size_ms * BYTES_PER_MS]
        self.start_ms += size_ms
