"""The examiner's voice on its way down: played as it comes, and reported as far as it was heard."""

from collections import deque

from app.api.websocket.protocol import AudioFrame, FrameKind, PlaybackMark, SnapshotVoice, TtsAudio, TtsClear
from client.playback import Mark, VirtualPlayer
from client.timings import Timings

MARKS_KEPT = 4


class HeardVoice:
    """Feeds the player; `reports` are the last words on what was heard, to be repeated after a cut."""

    def __init__(self, player: VirtualPlayer, timings: Timings) -> None:
        self._player = player
        self._timings = timings
        self.reports: deque[PlaybackMark] = deque(maxlen=MARKS_KEPT)

    def frame(self, frame: AudioFrame, now: float) -> None:
        """Take a piece of sound."""
        if frame.kind is FrameKind.VOICE and self._player.feed(
            frame.stream, frame.payload, now, offset_ms=frame.offset_ms
        ):
            self._timings.voice_came(now)

    def announced(self, event: TtsAudio) -> None:
        """A line begins or is complete."""
        if event.state == "begin":
            self._player.begin(event.utterance_id, event.stream_id, event.sample_rate)
        else:
            self._player.end(event.utterance_id)

    def cleared(self, event: TtsClear, now: float) -> list[PlaybackMark]:
        """Fall silent; return what is to be reported."""
        mark = self._player.clear(event.utterance_id, now)
        return [] if mark is None else [self._report(mark)]

    def advance(self, now: float) -> list[PlaybackMark]:
        """Play up to `now`; return what is to be reported."""
        return [self._report(mark) for mark in self._player.advance(now)]

    def go_on_with(self, voice: SnapshotVoice | None, now: float) -> None:
        """Everything but this line is over."""
        self._player.go_on_with(voice, now)

    def _report(self, mark: Mark) -> PlaybackMark:
        event = PlaybackMark(utterance_id=mark.utterance_id, played_ms=mark.played_ms, done=mark.done)
        self.reports.append(event)
        return event
