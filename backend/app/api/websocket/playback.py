"""Where the learner's ear is in what the examiner says. Pure; time is passed in.

The position is known from the client's marks and, between and without them, from the clock: playing begins
with the first frame sent. Latency between sending and hearing is covered by a margin at the end.
"""

from dataclasses import dataclass

from app.api.websocket.sound import Sound
from app.services.conversation import Line

HEARD_MARGIN_MS = 250
MARK_PATIENCE_MS = 4_000
"""How much later than the clock says a client that sends marks may report the end."""
READING_MS_PER_WORD = 300
MIN_READING_MS = 1_500


@dataclass(slots=True)
class Playback:
    """One line of the examiner on its way to the learner's ear.

    `stream_id` numbers its voice frames; `announced_seq` is the durable event after which they may be sent;
    `end_seq` is that of the voice's end, once it is announced. `play_delay_ms` is the time from sending the
    first frame to its playing, as the client's first mark tells.
    """

    line: Line
    utterance_id: str
    stream_id: int
    said_at_ms: int
    sound: Sound
    announced_seq: int = 0
    end_seq: int | None = None
    marks: bool = False
    heard: bool = False
    cleared: bool = False
    paused: bool = False
    shown_at_ms: int | None = None
    first_frame_at_ms: int | None = None
    play_delay_ms: int | None = None
    _known_ms: int = 0
    _known_at_ms: int | None = None
    _sent_until_ms: int = 0
    _sent_at_ms: int = 0

    @property
    def voiced(self) -> bool:
        """Whether there is, or will be, something to hear."""
        return not self.sound.failed or self.duration_ms > 0

    @property
    def reached(self) -> bool:
        """Whether anything of the line has been sent to the learner: sound, or text where there is none."""
        return self.reached_at_ms is not None

    @property
    def reached_at_ms(self) -> int | None:
        """When the first of the line was sent to the learner."""
        return self.first_frame_at_ms if self.voiced else self.shown_at_ms

    @property
    def complete(self) -> bool:
        """Whether the voice has spoken all it will."""
        return self.sound.complete

    @property
    def duration_ms(self) -> int:
        """Length of the sound so far."""
        return self.sound.available_ms

    def shown(self, now_ms: int) -> None:
        """The line's text has reached a client."""
        if self.shown_at_ms is None:
            self.shown_at_ms = now_ms

    def sent(self, until_ms: int, now_ms: int) -> None:
        """The voice has been sent up to `until_ms`."""
        if self.first_frame_at_ms is None:
            self.first_frame_at_ms = now_ms
        if self._known_at_ms is None:
            self._known_at_ms = now_ms
        self._sent_until_ms = until_ms
        self._sent_at_ms = now_ms

    def mark(self, played_ms: int, now_ms: int, *, done: bool) -> None:
        """The client says how far it has played. A mark that goes back, or beyond the sound, is trimmed."""
        self.marks = True
        if self.play_delay_ms is None and played_ms > 0 and self.first_frame_at_ms is not None:
            self.play_delay_ms = max(0, now_ms - self.first_frame_at_ms - played_ms)
        self.heard = self.heard or done
        if self._known_at_ms is not None:
            self._known_ms = max(self._known_ms, min(played_ms, self._sent_until_ms))
            self._known_at_ms = now_ms

    def played_ms(self, now_ms: int) -> int:
        """Return the position that is being heard."""
        if self._known_at_ms is None or self.paused:
            return self._known_ms
        return min(self._known_ms + now_ms - self._known_at_ms, self._sent_until_ms)

    def reaches_ms(self, position_ms: int) -> int | None:
        """Return when the learner will have heard up to `position_ms`, None while that is not known."""
        if position_ms <= self._known_ms:
            return self._known_at_ms or self.said_at_ms
        if self.paused or self._known_at_ms is None:
            return None
        return self._known_at_ms + position_ms - self._known_ms

    def pause(self, now_ms: int) -> None:
        """The client is gone; nothing is heard. What it had buffered is sent again from the position."""
        self._known_ms = self.played_ms(now_ms)
        self.paused = True

    def go_on_from(self, played_ms: int) -> None:
        """Another process has played the line up to here; the rest waits for a client."""
        self._known_ms = played_ms
        self.paused = True

    def resume(self) -> None:
        """A client is back; its playing begins with the next frame."""
        self.paused = False
        self._known_at_ms = None
        self._sent_until_ms = self._known_ms
        self.shown_at_ms = None

    def heard_at_ms(self) -> int | None:
        """Return when the line will have been heard to its end, or None while that is not known."""
        if self.paused or self.shown_at_ms is None or not self.complete:
            return None
        if not self.voiced:
            return self._read_at_ms(self.shown_at_ms)
        if self._known_ms >= self.duration_ms:
            return (self._known_at_ms or self.shown_at_ms) + HEARD_MARGIN_MS
        if self._known_at_ms is None or self._sent_until_ms < self.duration_ms:
            return None
        ends_ms = self._known_at_ms + self.duration_ms - self._known_ms
        margin_ms = MARK_PATIENCE_MS if self.marks else HEARD_MARGIN_MS
        heard_ms = max(ends_ms, self._sent_at_ms) + margin_ms
        return max(heard_ms, self._read_at_ms(self.shown_at_ms)) if self.sound.failed else heard_ms

    def _read_at_ms(self, shown_at_ms: int) -> int:
        words = len(self.line.text.split())
        return shown_at_ms + max(MIN_READING_MS, words * READING_MS_PER_WORD)
