"""Recognition of one turn: partials while the learner speaks, finals decoded ahead in the pauses."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from app.adapters.local_speech.decoder import Decoder, Transcript
from app.adapters.local_speech.finals import Finals, Piece
from app.adapters.local_speech.pacing import Pacing
from app.adapters.local_speech.partials import Partials
from app.adapters.local_speech.pool import ModelPool
from app.adapters.local_speech.segment_buffer import SegmentBuffer
from app.services.speech import Partial, Utterance


class Recognition:
    """One turn; implements RecognitionStream.

    `resume` must also announce the first voice of the turn: without any mark there are no partials, and
    `finish` decodes the whole audio, believing only what is sure. Audio and marks after `finish` are ignored.
    """

    substituted = False

    def __init__(
        self,
        decoder: Decoder,
        pool: ModelPool,
        *,
        start_ms: int,
        on_partial: Callable[[Partial], None],
        on_utterance: Callable[[Utterance], None],
        pacing: Pacing,
    ) -> None:
        self._pacing = pacing
        self._buffer = SegmentBuffer(start_ms)
        self._partials = Partials(pool, decoder.sketch, on_partial, self._buffer, pacing)
        self._finals = Finals(pool, decoder.transcribe, on_utterance)
        self._ahead: Piece | None = None
        self._last_ahead: Piece | None = None
        self._heard_any = False
        self._sealed = False

    def feed(self, pcm: bytes) -> None:
        """Add 16 kHz mono PCM16 in whole samples. Raises ValueError for half a sample."""
        if len(pcm) % 2:
            raise ValueError("PCM16 audio has two bytes a sample.")
        if self._sealed:
            return
        self._buffer.append(pcm)
        if self._buffer.speaking:
            self._cut_overlong()
            if self._last_ahead is None or not self._last_ahead.in_progress:
                self._partials.follow()
        elif self._buffer.voice_ms is not None:
            self._wait_in_pause()
        elif self._heard_any:
            self._buffer.forget_before(self._buffer.end_ms - self._pacing.lead_ms)
        else:
            self._cut_overlong()

    def pause(self, at_ms: int) -> None:
        """Say that the voice stopped at `at_ms`."""
        if not self._sealed and self._buffer.speaking:
            self._buffer.pause(at_ms)
            self._wait_in_pause()

    def resume(self, at_ms: int) -> None:
        """Say that the voice is heard from `at_ms` on, the first time or again."""
        if self._sealed or self._buffer.speaking:
            return
        if self._ends_utterance(at_ms):
            self._close()
        self._forget_ahead()
        first = self._buffer.voice_ms is None
        self._buffer.resume(at_ms)
        self._heard_any = True
        if first:
            self._partials.begin(self._finals.next_index, at_ms)
        else:
            self._partials.wait_after(at_ms)

    async def finish(self) -> tuple[Utterance, ...]:
        """Decode what is left and return every utterance. Calling it again returns the same.

        Raises RecognitionFailed when the engine fails twice on a piece, or after `aclose`.
        """
        self._seal()
        return await self._finals.all()

    async def aclose(self) -> None:
        """Drop the stream and whatever waits for it. Idempotent."""
        self._sealed = True
        self._partials.forget()
        self._forget_ahead()
        self._finals.drop()

    def _wait_in_pause(self) -> None:
        silence_ms = self._buffer.silence_ms
        if self._ahead is None and silence_ms >= self._pacing.ahead_after_ms:
            self._decode_ahead()
        if silence_ms >= self._pacing.long_pause_ms:
            self._close()

    def _decode_ahead(self) -> None:
        stretch = self._buffer.stretch()
        if stretch is None:
            return
        self._partials.give_way()
        piece = self._finals.decode(stretch, self._buffer.audio(stretch.from_ms, stretch.to_ms))
        self._ahead = self._last_ahead = piece
        if piece.work is not None:
            show = partial(self._show_ahead, piece, self._finals.next_index)
            piece.work.future.add_done_callback(show)

    def _show_ahead(self, piece: Piece, index: int, future: asyncio.Future[Transcript]) -> None:
        """Show what was decoded ahead, even if the voice went on: there is no better provisional text."""
        if self._sealed or index != self._finals.next_index or piece.failure is not None:
            return
        self._partials.settle(future.result().text, piece.stretch.end_ms)

    def _ends_utterance(self, resumed_ms: int) -> bool:
        voice_ms, pause_ms = self._buffer.voice_ms, self._buffer.pause_ms
        if voice_ms is None or pause_ms is None:
            return False
        length_ms, silence_ms = pause_ms - voice_ms, resumed_ms - pause_ms
        pacing = self._pacing
        if length_ms >= pacing.grown_ms:
            return silence_ms >= pacing.grown_pause_ms
        return length_ms >= pacing.utterance_ms and silence_ms >= pacing.pause_ms

    def _close(self) -> None:
        """End the utterance where the voice stopped."""
        end_ms = self._hand_over()
        self._buffer.begin_next(self._buffer.end_ms if end_ms is None else end_ms, speaking=False)
        self._partials.forget()

    def _hand_over(self) -> int | None:
        """Make what the buffer holds the next utterance; return where its audio ends, if there is any."""
        piece, self._ahead = self._ahead, None
        stretch = self._buffer.stretch()
        if stretch is None:
            return None
        if piece is None:
            piece = self._finals.decode(stretch, self._buffer.audio(stretch.from_ms, stretch.to_ms))
        self._finals.add(piece)
        return piece.stretch.to_ms

    def _cut_overlong(self) -> None:
        longest, within = self._pacing.longest_ms, self._pacing.cut_within_ms
        while (whole := self._buffer.stretch()) is not None and whole.to_ms - whole.from_ms > longest:
            latest = whole.from_ms + longest
            cut_ms = self._buffer.quietest_ms(latest - within, latest)
            self._finals.add(
                self._finals.decode(whole.until(cut_ms), self._buffer.audio(whole.from_ms, cut_ms))
            )
            self._buffer.begin_next(cut_ms, speaking=whole.heard)
            self._partials.begin(self._finals.next_index, cut_ms)

    def _seal(self) -> None:
        if self._sealed:
            return
        self._sealed = True
        self._partials.forget()
        if self._buffer.voice_ms is not None or not self._heard_any:
            self._hand_over()
        self._finals.hurry()

    def _forget_ahead(self) -> None:
        if self._ahead is not None:
            self._ahead.give_up()
            self._ahead = None


class WhisperRecogniser:
    """Opens recognitions; implements SpeechToText. `decoder` raises ModelNotReady until there is one."""

    def __init__(
        self, decoder: Callable[[], Decoder], pool: ModelPool, *, pacing: Pacing | None = None
    ) -> None:
        self._decoder = decoder
        self._pool = pool
        self._pacing = pacing or Pacing()

    def open(
        self,
        *,
        start_ms: int,
        on_partial: Callable[[Partial], None],
        on_utterance: Callable[[Utterance], None],
        hints: Sequence[str] = (),
    ) -> Recognition:
        """Begin a turn at `start_ms`. Raises ModelNotReady."""
        return Recognition(
            self._decoder(),
            self._pool,
            start_ms=start_ms,
            on_partial=on_partial,
            on_utterance=on_utterance,
            pacing=self._pacing,
        )
