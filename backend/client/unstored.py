"""What the microphone has recorded and the server has not stored yet. Pure."""

from collections import deque

from app.api.websocket.protocol import AudioFrame
from app.services.speech import BYTES_PER_MS

MAX_UNSTORED_MS = 30_000
MAX_AHEAD_MS = 9_000
"""The server takes 10 s beyond what it has stored; what comes faster it refuses."""


class UnstoredAudio:
    """Keeps frames until they are stored, and says which is to be sent next.

    After a cut `resume` goes back to where the server stands; it skips what it knows of the first frame. The
    memory is bounded: while it is `full` the owner must let the microphone wait, so that nothing is dropped.
    """

    def __init__(self, *, max_ms: int = MAX_UNSTORED_MS, max_ahead_ms: int = MAX_AHEAD_MS) -> None:
        self._max_bytes = max_ms * BYTES_PER_MS
        self._max_ahead_ms = max_ahead_ms
        self._frames: deque[AudioFrame] = deque()
        self._bytes = 0
        self._sent = 0
        self._end_ms = 0
        self.stored_ms = 0

    @property
    def full(self) -> bool:
        """Whether nothing more can be kept."""
        return self._bytes >= self._max_bytes

    @property
    def held_ms(self) -> int:
        """How much is kept."""
        return self._bytes // BYTES_PER_MS

    @property
    def sent_ms(self) -> int:
        """Where the next frame to send begins; where the signal ends, when all is sent."""
        if self._sent < len(self._frames):
            return self._frames[self._sent].offset_ms
        return self._end_ms

    def keep(self, frame: AudioFrame) -> None:
        """Keep the next frame of the signal."""
        self._frames.append(frame)
        self._end_ms = _end_ms(frame)
        self._bytes += len(frame.payload)

    def next(self) -> AudioFrame | None:
        """Return the next frame to send; None when all is sent, or the server must store some first."""
        if self._sent == len(self._frames):
            return None
        frame = self._frames[self._sent]
        if frame.offset_ms > self.stored_ms + self._max_ahead_ms:
            return None
        self._sent += 1
        return frame

    def stored(self, until_ms: int) -> None:
        """The server has stored the signal up to here; a smaller number than before changes nothing."""
        self.stored_ms = max(self.stored_ms, until_ms)
        while self._frames and _end_ms(self._frames[0]) <= self.stored_ms:
            self._bytes -= len(self._frames.popleft().payload)
            self._sent = max(0, self._sent - 1)

    def resume(self, received_ms: int) -> bool:
        """Send again from `received_ms` on; return False when some of that is no longer kept."""
        complete = received_ms >= self.stored_ms
        self.stored(received_ms)
        self._sent = 0
        return complete


def _end_ms(frame: AudioFrame) -> int:
    return frame.offset_ms + len(frame.payload) // BYTES_PER_MS
