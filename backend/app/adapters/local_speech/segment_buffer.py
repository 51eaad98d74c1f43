"""The audio of the utterance being spoken, and where in it the voice was heard. Pure."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from app.services.speech import BYTES_PER_MS

MARGIN_MS = 200
"""Kept before and after the voice: voice activity detection misses soft onsets and endings."""

MIN_STRETCH_MS = 100
_FRAME_MS = 20
_SMOOTHING_FRAMES = 5


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece to decode, in session milliseconds: the voice from `start_ms` to `end_ms`, its audio with
    margins from `from_ms` to `to_ms`. `pauses` are the silences (start, end) within; `heard` is false when no
    voice was marked."""

    start_ms: int
    end_ms: int
    from_ms: int
    to_ms: int
    heard: bool
    pauses: tuple[tuple[int, int], ...] = ()

    def until(self, cut_ms: int) -> "Stretch":
        """Return the part before `cut_ms`."""
        pauses = tuple(pause for pause in self.pauses if pause[1] <= cut_ms)
        return replace(self, end_ms=cut_ms, to_ms=cut_ms, pauses=pauses)


class SegmentBuffer:
    """Audio from `start_ms` on. The voice starts at `voice_ms` (None: not heard yet) and, while the learner
    pauses, ended at `pause_ms` (None: it goes on)."""

    def __init__(self, start_ms: int) -> None:
        self.start_ms = start_ms
        self.voice_ms: int | None = None
        self.pause_ms: int | None = None
        self._pcm = bytearray()
        self._pauses: list[tuple[int, int]] = []

    @property
    def end_ms(self) -> int:
        """The position after the last whole millisecond held."""
        return self.start_ms + len(self._pcm) // BYTES_PER_MS

    @property
    def speaking(self) -> bool:
        """Whether the voice is being heard."""
        return self.voice_ms is not None and self.pause_ms is None

    @property
    def silence_ms(self) -> int:
        """How long the voice has been silent, 0 while it is heard or before it was."""
        return 0 if self.pause_ms is None else self.end_ms - self.pause_ms

    def append(self, pcm: bytes) -> None:
        """Add audio."""
        self._pcm += pcm

    def resume(self, at_ms: int) -> None:
        """Mark that the voice is heard from `at_ms` on; positions outside the audio count as its ends."""
        at_ms = self._inside(at_ms)
        if self.voice_ms is None:
            self.voice_ms = at_ms
        if self.pause_ms is not None and at_ms > self.pause_ms:
            self._pauses.append((self.pause_ms, at_ms))
        self.pause_ms = None

    def pause(self, at_ms: int) -> None:
        """Mark that the voice ended at `at_ms`."""
        if self.voice_ms is not None:
            self.pause_ms = max(self.voice_ms, self._inside(at_ms))

    def stretch(self) -> Stretch | None:
        """Return what there is to decode, or None if it is too short to be a word.

        Without any mark that is all the audio, not `heard`.
        """
        if self.voice_ms is None:
            start, end = first, last = self.start_ms, self.end_ms
        else:
            start = self.voice_ms
            end = self.end_ms if self.pause_ms is None else self.pause_ms
            first, last = self._inside(start - MARGIN_MS), self._inside(end + MARGIN_MS)
        if end - start < MIN_STRETCH_MS:
            return None
        heard = self.voice_ms is not None
        return Stretch(start, end, first, last, heard=heard, pauses=tuple(self._pauses))

    def audio(self, from_ms: int, to_ms: int) -> bytes:
        """Return the PCM16 of [from_ms, to_ms), as far as it is held."""
        first, last = self._inside(from_ms) - self.start_ms, self._inside(to_ms) - self.start_ms
        return bytes(self._pcm[first * BYTES_PER_MS : last * BYTES_PER_MS])

    def begin_next(self, at_ms: int, *, speaking: bool) -> None:
        """Forget the audio before `at_ms` and all marks; the next segment starts there, in speech or not."""
        self.forget_before(at_ms)
        self.voice_ms = self.start_ms if speaking else None
        self.pause_ms = None
        self._pauses = [pause for pause in self._pauses if pause[0] >= self.start_ms]

    def forget_before(self, at_ms: int) -> None:
        """Drop the audio before `at_ms`."""
        at_ms = self._inside(at_ms)
        del self._pcm[: (at_ms - self.start_ms) * BYTES_PER_MS]
        self.start_ms = at_ms

    def quietest_ms(self, from_ms: int, to_ms: int) -> int:
        """Return where to cut in [from_ms, to_ms): in the quietest 20 ms of the quietest 100 ms."""
        pcm = self.audio(from_ms, to_ms)
        frame = _FRAME_MS * BYTES_PER_MS
        frames = len(pcm) // frame
        if frames < _SMOOTHING_FRAMES:
            return self._inside(to_ms)
        samples = np.frombuffer(pcm[: frames * frame], np.dtype("<i2")).astype(np.float64)
        energy = np.square(samples).reshape(frames, -1).mean(axis=1)
        around = _last_minimum(np.convolve(energy, np.ones(_SMOOTHING_FRAMES), mode="valid"))
        best = around + _last_minimum(energy[around : around + _SMOOTHING_FRAMES])
        return self._inside(from_ms) + best * _FRAME_MS + _FRAME_MS // 2

    def _inside(self, at_ms: int) -> int:
        return min(max(at_ms, self.start_ms), self.end_ms)


def _last_minimum(values: npt.NDArray[np.float64]) -> int:
    return len(values) - 1 - int(np.argmin(values[::-1]))
