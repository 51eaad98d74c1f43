"""A learner's turn as a recognition sees it: frames of readable speech, and marks a little late."""

import asyncio
from dataclasses import dataclass, field

from app.adapters.local_speech.pool import ModelPool
from app.adapters.local_speech.recognition import Recognition, WhisperRecogniser
from app.services.speech import Partial, Utterance
from tests.fakes.readable_speech import ReadingDecoder, Script, frames, spoken

START_NOTICED_MS = 96
STOP_NOTICED_MS = 160


@dataclass
class Turn:
    """Feeds a recognition as a session would: voice activity is noticed late, at its true position."""

    pool: ModelPool
    start_ms: int = 0
    frame_ms: int = 40
    decoder: ReadingDecoder = field(default_factory=ReadingDecoder)
    partials: list[Partial] = field(default_factory=list)
    utterances: list[Utterance] = field(default_factory=list)
    stream: Recognition = field(init=False)

    def __post_init__(self) -> None:
        self.now_ms = self.start_ms
        self._voice_ms: int | None = None
        self._silent_ms: int | None = self.start_ms
        self._speaking = False
        self.stream = WhisperRecogniser(lambda: self.decoder, self.pool).open(
            start_ms=self.start_ms,
            on_partial=self.partials.append,
            on_utterance=self.utterances.append,
        )

    async def hear(self, *script: tuple[int, int]) -> None:
        """Feed a script; nothing is computed meanwhile unless the pool does so."""
        for number, ms in script:
            for frame in frames(spoken([(number, ms)]), self.frame_ms):
                self._notice(number, len(frame) // 32)
                self.stream.feed(frame)
                self._mark()
                await asyncio.sleep(0)

    def _notice(self, number: int, ms: int) -> None:
        if number and self._voice_ms is None:
            self._voice_ms, self._silent_ms = self.now_ms, None
        elif not number and self._silent_ms is None:
            self._voice_ms, self._silent_ms = None, self.now_ms
        self.now_ms += ms

    def _mark(self) -> None:
        voice_ms, silent_ms = self._voice_ms, self._silent_ms
        if not self._speaking and voice_ms is not None and self.now_ms - voice_ms >= START_NOTICED_MS:
            self._speaking = True
            self.stream.resume(voice_ms)
        if self._speaking and silent_ms is not None and self.now_ms - silent_ms >= STOP_NOTICED_MS:
            self._speaking = False
            self.stream.pause(silent_ms)


def words(first: int, count: int, *, gap_ms: int = 40) -> Script:
    """Return `count` words of 300 ms, numbered from `first`, with short gaps; ends in a word."""
    script = [step for number in range(first, first + count) for step in ((number, 300), (0, gap_ms))]
    return script[:-1]


def texts(first: int, count: int) -> str:
    """Return what `words` says."""
    return " ".join(f"w{number}" for number in range(first, first + count))
