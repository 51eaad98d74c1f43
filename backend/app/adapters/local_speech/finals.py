"""The final transcripts of a turn: each piece decoded once, reported in order."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from app.adapters.local_speech.decoder import Transcript
from app.adapters.local_speech.pool import ModelPool, Priority, Work
from app.adapters.local_speech.segment_buffer import Stretch
from app.adapters.local_speech.word_times import placed
from app.services.speech import EngineBusy, RecognitionFailed, Utterance

log = structlog.get_logger()


@dataclass(slots=True)
class Piece:
    """A stretch of audio being decoded; `work` is None when the pool had no room for it."""

    stretch: Stretch
    pcm: bytes
    work: Work[Transcript] | None

    @property
    def in_progress(self) -> bool:
        """Whether the piece waits or is being decoded."""
        return self.work is not None and not self.work.future.done()

    @property
    def failure(self) -> BaseException | None:
        """Why there is no transcript, of a piece that is not being decoded any more."""
        if self.work is None or self.work.future.cancelled():
            return EngineBusy("It was not decoded.")
        return self.work.future.exception()

    def give_up(self) -> None:
        """Do not begin to decode the piece; a decoding that runs cannot be stopped."""
        if self.work is not None and self.work.waiting:
            self.work.cancel()


class Finals:
    """Pieces in the order they were spoken. A piece that failed is decoded a second time by `all`."""

    def __init__(
        self,
        pool: ModelPool,
        transcribe: Callable[[bytes, bool], Transcript],
        on_utterance: Callable[[Utterance], None],
    ) -> None:
        self._pool = pool
        self._transcribe = transcribe
        self._on_utterance = on_utterance
        self._pieces: deque[Piece] = deque()
        self._utterances: list[Utterance] = []
        self._dropped = False
        self._collecting = asyncio.Lock()

    @property
    def next_index(self) -> int:
        """The index the next utterance will have."""
        return len(self._utterances) + len(self._pieces)

    def decode(self, stretch: Stretch, pcm: bytes) -> Piece:
        """Begin to decode a piece that may still be thrown away."""
        try:
            return Piece(stretch, pcm, self._submit(Priority.SPECULATIVE, stretch, pcm))
        except EngineBusy:
            return Piece(stretch, pcm, None)

    def add(self, piece: Piece) -> None:
        """Make `piece` the next utterance; it is reported when it and all before it are decoded."""
        self._pieces.append(piece)
        if piece.work is not None:
            piece.work.future.add_done_callback(lambda _: self._report())

    def hurry(self) -> None:
        """Serve what still waits before anything else."""
        for piece in self._pieces:
            if piece.work is not None:
                piece.work.promote(Priority.FINAL)

    async def all(self) -> tuple[Utterance, ...]:
        """Return every utterance. Raises RecognitionFailed when a piece failed twice, or after `drop`."""
        async with self._collecting:
            while self._pieces:
                await self._settle(self._pieces[0])
                self._report()
        return tuple(self._utterances)

    def drop(self) -> None:
        """Throw away what is not reported yet."""
        self._dropped = True
        for piece in self._pieces:
            piece.give_up()

    async def _settle(self, piece: Piece) -> None:
        if piece.work is not None:
            await asyncio.wait([piece.work.future])
        if not self._dropped and (failure := piece.failure) is not None:
            log.warning("stt.decoding_again", reason=repr(failure))
            try:
                piece.work = self._submit(Priority.FINAL, piece.stretch, piece.pcm)
            except EngineBusy as busy:
                raise RecognitionFailed("Too much is being transcribed; the audio is kept.") from busy
            await asyncio.wait([piece.work.future])
        if self._dropped:
            raise RecognitionFailed("The recognition was closed before its end.")
        if (failure := piece.failure) is not None:
            raise RecognitionFailed("The answer could not be transcribed; its audio is kept.") from failure

    def _report(self) -> None:
        while self._pieces and not self._dropped:
            piece = self._pieces[0]
            if piece.work is None or not piece.work.future.done() or piece.failure is not None:
                return
            self._pieces.popleft()
            utterance = _utterance(len(self._utterances), piece.stretch, piece.work.future.result())
            self._utterances.append(utterance)
            self._on_utterance(utterance)

    def _submit(self, priority: Priority, stretch: Stretch, pcm: bytes) -> Work[Transcript]:
        return self._pool.submit(priority, self._transcribe, pcm, stretch.heard)


def _utterance(index: int, stretch: Stretch, transcript: Transcript) -> Utterance:
    words = placed(
        transcript.words,
        offset_ms=stretch.from_ms,
        start_ms=stretch.start_ms,
        end_ms=stretch.end_ms,
        pauses=stretch.pauses,
    )
    return Utterance(index, transcript.text, stretch.start_ms, stretch.end_ms, words, transcript.mean_logprob)
