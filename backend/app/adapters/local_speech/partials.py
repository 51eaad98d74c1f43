"""The provisional transcripts of a turn: at most one decoding at a time, always of the newest audio."""

import asyncio
from collections.abc import Callable

import structlog

from app.adapters.local_speech.decoder import Transcript
from app.adapters.local_speech.pacing import Pacing
from app.adapters.local_speech.pool import ModelPool, Priority, Work
from app.adapters.local_speech.rough_text import RoughText, Window
from app.adapters.local_speech.segment_buffer import SegmentBuffer
from app.services.speech import EngineBusy, Partial

log = structlog.get_logger()


class Partials:
    """Partials of the utterance that `buffer` holds. Position, not wall time, says when the next is due."""

    def __init__(
        self,
        pool: ModelPool,
        sketch: Callable[[bytes], Transcript],
        on_partial: Callable[[Partial], None],
        buffer: SegmentBuffer,
        pacing: Pacing,
    ) -> None:
        self._pool = pool
        self._sketch = sketch
        self._on_partial = on_partial
        self._buffer = buffer
        self._pacing = pacing
        self._work: Work[tuple[Window, Transcript]] | None = None
        self._asked_ms = self._due_ms = buffer.start_ms
        self.begin(0, buffer.start_ms)

    def begin(self, index: int, start_ms: int) -> None:
        """Start utterance `index`, whose voice begins at `start_ms`; the one before gets no more partials."""
        self.forget()
        self._index = index
        self._revision = 0
        self._text = RoughText(start_ms)
        self.wait_after(start_ms)

    def wait_after(self, voice_ms: int) -> None:
        """Ask for nothing before there is enough voice after `voice_ms` to make sense of."""
        self._due_ms = max(self._due_ms, voice_ms + self._pacing.first_partial_ms)

    def follow(self) -> None:
        """Look at the audio that was added: ask for a partial if one is due."""
        now = self._buffer.end_ms
        if self._work is None:
            if now >= self._due_ms:
                self._ask(now)
        elif self._work.waiting:
            self._work.update(*self._newest(now))

    def settle(self, text: str, until_ms: int) -> None:
        """Take a better text for everything said until `until_ms`."""
        shown = self._text.text
        if self._text.settle(text, until_ms) and self._text.text != shown:
            self._report(until_ms)

    def give_way(self) -> None:
        """Do not begin to decode a partial; one that runs is still shown."""
        if self._work is not None and self._work.waiting:
            self.forget()

    def forget(self) -> None:
        """Drop the partial being decoded."""
        if self._work is not None:
            self._work.cancel()
            self._work = None

    def _newest(self, now_ms: int) -> tuple[Window, bytes]:
        window = self._text.window(now_ms)
        return window, self._buffer.audio(window.from_ms, window.to_ms)

    def _ask(self, now_ms: int) -> None:
        try:
            self._work = self._pool.submit(Priority.PARTIAL, self._decode, *self._newest(now_ms))
        except EngineBusy:
            self._due_ms = now_ms + self._pacing.partial_every_ms
            return
        self._asked_ms = now_ms
        self._work.future.add_done_callback(self._take)

    def _decode(self, window: Window, pcm: bytes) -> tuple[Window, Transcript]:
        return window, self._sketch(pcm)

    def _take(self, future: asyncio.Future[tuple[Window, Transcript]]) -> None:
        if self._work is None or self._work.future is not future:
            return
        self._work = None
        now = self._buffer.end_ms
        taken_ms = now - self._asked_ms
        self._due_ms = now + max(self._pacing.partial_every_ms - taken_ms, taken_ms)
        if (failure := future.exception()) is not None:
            log.warning("stt.partial_failed", reason=repr(failure))
            return
        window, transcript = future.result()
        if self._text.accept(window, transcript.words) and self._text.text:
            self._report(window.to_ms)

    def _report(self, end_ms: int) -> None:
        start_ms = self._buffer.voice_ms
        if start_ms is not None:
            self._revision += 1
            self._on_partial(Partial(self._index, self._revision, self._text.text, start_ms, end_ms))
