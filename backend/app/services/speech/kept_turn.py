"""A turn as far as it has come, kept so that a recogniser that comes later can hear it too."""

from dataclasses import dataclass
from typing import Literal

from app.services.speech.kept_audio import KeptAudio
from app.services.speech.ports import RecognitionStream


@dataclass(frozen=True, slots=True)
class _Mark:
    """Speech resumed or paused."""

    kind: Literal["resume", "pause"]
    at_ms: int


class KeptTurn:
    """The audio of a turn from `start_ms` on and where speech paused and resumed, in session milliseconds."""

    __slots__ = ("_audio", "_marks")

    def __init__(self, start_ms: int) -> None:
        self._audio = KeptAudio(start_ms)
        self._marks: list[_Mark] = []

    @property
    def start_ms(self) -> int:
        """Where what is kept begins."""
        return self._audio.start_ms

    @property
    def length_ms(self) -> int:
        """How much is kept."""
        return self._audio.end_ms - self._audio.start_ms

    def feed(self, pcm: bytes) -> None:
        """Add what follows."""
        self._audio.append(pcm)

    def pause(self, at_ms: int) -> None:
        """Speech stopped."""
        self._marks.append(_Mark("pause", at_ms))

    def resume(self, at_ms: int) -> None:
        """Speech started or went on."""
        self._marks.append(_Mark("resume", at_ms))

    def forget_before(self, at_ms: int) -> None:
        """Let go of the audio before `at_ms`."""
        self._audio.forget_before(at_ms)

    def hand_over(self, stream: RecognitionStream) -> None:
        """Tell a stream that was opened at `start_ms` all that is kept; nothing is kept afterwards."""
        kept, at_ms = self._audio, self._audio.start_ms
        earlier = [mark for mark in self._marks if mark.at_ms <= at_ms]
        if earlier and earlier[-1].kind == "resume":
            stream.resume(at_ms)
        for mark in self._marks[len(earlier) :]:
            stream.feed(kept.read(at_ms, mark.at_ms))
            at_ms = mark.at_ms
            if mark.kind == "pause":
                stream.pause(mark.at_ms)
            else:
                stream.resume(mark.at_ms)
        stream.feed(kept.read(at_ms, kept.end_ms))
        self._marks.clear()
        kept.forget_before(kept.end_ms)
