"""All that goes up and must not be lost: the microphone signal and the events at places in it. Pure."""

from app.api.websocket.protocol import AudioFrame
from app.services.speech import BYTES_PER_MS, SAMPLE_RATE, Speech
from client.microphone import Microphone, Spoken
from client.timings import Timings
from client.unacknowledged import NumberedMessage, UnacknowledgedEvents
from client.unstored import UnstoredAudio


class Uplink:
    """Frames and numbered events in the order in which they were made, sent again after a cut.

    `record` is called once a frame period, connected or not; `next` hands out what is to be sent. An
    event stands at the microphone position at which it was said and never overtakes the sound before it.
    While the server has not stored what is kept already, the microphone waits: the signal stops, nothing is
    dropped, and no gap comes into it.
    """

    def __init__(self, microphone: Microphone, timings: Timings) -> None:
        self.microphone = microphone
        self.streaming = False
        self._timings = timings
        self._audio = UnstoredAudio()
        self._said = UnacknowledgedEvents()
        self._origin: float | None = None
        self._spoken: Spoken | None = None

    @property
    def stored_ms(self) -> int:
        """How much of the signal the server has stored."""
        return self._audio.stored_ms

    @property
    def held_ms(self) -> int:
        """How much of the signal is kept because the server has not stored it."""
        return self._audio.held_ms

    def say(self, speech: Speech) -> Spoken:
        """Speak from the next frame on; return where in the stream it will stand."""
        self._spoken = self.microphone.say(speech)
        return self._spoken

    def hush(self) -> int:
        """Stop speaking at once; return how many milliseconds were left unsaid."""
        self._spoken = None
        return self.microphone.hush()

    def record(self, began: float, *, ts_ms: int) -> None:
        """Take the frame that began at the instant `began`, unless the microphone is off or has to wait."""
        if not self.streaming:
            return
        if self._audio.full:
            self._origin = began + self.microphone.frame_ms / 1000 - self.microphone.position_ms / 1000
            return
        if self._origin is None:
            self._origin = began
        frame = self.microphone.take(ts_ms=ts_ms)
        self._audio.keep(frame)
        self._note_speech(frame, self._origin)

    def queue(self, event: NumberedMessage) -> None:
        """Send this event once, whatever happens. Raises TooManyUnacknowledged."""
        self._said.number(event, self.microphone.position_ms)

    def next(self) -> AudioFrame | NumberedMessage | None:
        """Return what is to be sent next; None when all is sent or the server must store some of it first."""
        return self._said.next(self._audio.sent_ms) or self._audio.next()

    def stored(self, until_ms: int) -> None:
        """The server has stored the signal up to here."""
        self._audio.stored(until_ms)

    def acknowledged(self, seq: int) -> None:
        """The server has stored the events up to this number."""
        self._said.acknowledged(seq)

    def resume(self, *, received_ms: int, in_seq: int) -> bool:
        """Go back to where the server stands; return False when it stands where nothing is kept any more."""
        self._said.acknowledged(in_seq)
        self._said.rewind()
        return self._audio.resume(received_ms)

    def restart(self) -> None:
        """Send everything again that is not acknowledged: the session has not begun."""
        self._said.rewind()

    def _note_speech(self, frame: AudioFrame, origin: float) -> None:
        if self._spoken is None:
            return
        before = frame.offset_ms * SAMPLE_RATE // 1000
        after = before + len(frame.payload) // BYTES_PER_MS * SAMPLE_RATE // 1000
        for first, end in self._spoken.spans:
            if before <= first < after:
                self._timings.speech_began(origin + first / SAMPLE_RATE)
            if before < end <= after:
                self._timings.speech_paused(origin + end / SAMPLE_RATE)
