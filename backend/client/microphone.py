"""A microphone that is always on: what was handed to it is spoken in real time, silence in between. Pure."""

from collections import deque
from dataclasses import dataclass

from app.api.websocket.protocol import AudioFrame, FrameKind
from app.services.speech import BYTES_PER_MS, SAMPLE_RATE, Span, Speech

FRAME_MS = 40
MAX_QUEUED_MS = 30 * 60 * 1000
BYTES_PER_SAMPLE = 2


class MicrophoneFull(Exception):
    """More sound was handed over than the microphone may hold back; let some of it be spoken first."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A speech on its way: where in the stream, in samples, it begins and where in it there is speech."""

    start: int
    spans: tuple[Span, ...]

    @property
    def start_ms(self) -> int:
        """Where it begins, in milliseconds of the stream."""
        return self.start * 1000 // SAMPLE_RATE


class Microphone:
    """Cuts a continuous signal into frames with contiguous offsets.

    Not bound to any clock: whoever owns it takes one frame every `frame_ms` and sends it.
    """

    def __init__(self, *, frame_ms: int = FRAME_MS, max_queued_ms: int = MAX_QUEUED_MS) -> None:
        self.frame_ms = frame_ms
        self._frame_bytes = frame_ms * BYTES_PER_MS
        self._max_queued = max_queued_ms * BYTES_PER_MS
        self._queue: deque[memoryview] = deque()
        self._queued = 0
        self._seq = 0

    @property
    def position_ms(self) -> int:
        """Length of what was taken so far."""
        return self._seq * self.frame_ms

    @property
    def speaking(self) -> bool:
        """Whether there is still something to say."""
        return self._queued > 0

    @property
    def queued_ms(self) -> int:
        """How much is still to be said, rounded up."""
        return -(-self._queued // BYTES_PER_MS)

    def say(self, speech: Speech) -> Spoken:
        """Say something after what is already waiting; return where in the stream it will stand.

        Raises MicrophoneFull, and ValueError for half a sample.
        """
        if len(speech.pcm) % BYTES_PER_SAMPLE:
            raise ValueError("PCM16 has two bytes a sample.")
        if self._queued + len(speech.pcm) > self._max_queued:
            raise MicrophoneFull(f"At most {self._max_queued // BYTES_PER_MS} ms of sound can wait.")
        start = (self.position_ms * BYTES_PER_MS + self._queued) // BYTES_PER_SAMPLE
        if speech.pcm:
            self._queue.append(memoryview(speech.pcm))
            self._queued += len(speech.pcm)
        return Spoken(start, tuple((start + first, start + end) for first, end in speech.spoken))

    def hush(self) -> int:
        """Say nothing more of what is waiting; return the milliseconds dropped, rounded up."""
        dropped = self.queued_ms
        self._queue.clear()
        self._queued = 0
        return dropped

    def take(self, ts_ms: int = 0) -> AudioFrame:
        """Return the next frame of the signal; where speech runs out, silence fills it up."""
        parts: list[memoryview] = []
        missing = self._frame_bytes
        while missing and self._queue:
            head = self._queue.popleft()
            if len(head) > missing:
                self._queue.appendleft(head[missing:])
                head = head[:missing]
            parts.append(head)
            missing -= len(head)
        self._queued -= self._frame_bytes - missing
        frame = AudioFrame(
            kind=FrameKind.MICROPHONE,
            stream=0,
            seq=self._seq,
            offset_ms=self.position_ms,
            payload=b"".join(parts) + bytes(missing),
            ts_ms=ts_ms,
        )
        self._seq += 1
        return frame
