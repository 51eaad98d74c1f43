"""Speech engines for virtual time. A phrase of speech is a run of samples with the phrase's own number."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import pairwise

import numpy as np

from app.services.speech import (
    BYTES_PER_MS,
    SAMPLE_RATE,
    Partial,
    RecognitionFailed,
    SynthesisFailed,
    Utterance,
    Word,
)

LONG_PAUSE_MS = 3_000
PARTIAL_EVERY_MS = 1_000
AHEAD_MS = 400
"""Silence after which what was said is decoded ahead."""
NOISE = 32_000
"""Samples that voice activity takes for speech and the recogniser makes nothing of."""

Spoken = str | int
"""A phrase, or a silence in milliseconds."""


class Phrasebook:
    """Turns phrases into sound and sound into phrases."""

    def __init__(self, *, ms_per_word: int = 320) -> None:
        self._phrases: list[str] = []
        self._ms_per_word = ms_per_word

    def speak(self, *pieces: Spoken) -> bytes:
        """Return the PCM16 of phrases and silences, one after the other."""
        pcm = b""
        for piece in pieces:
            if isinstance(piece, int):
                pcm += bytes(piece * BYTES_PER_MS)
            else:
                self._phrases.append(piece)
                ms = len(piece.split()) * self._ms_per_word
                pcm += np.full(ms * SAMPLE_RATE // 1000, len(self._phrases), "<i2").tobytes()
        return pcm

    def noise(self, ms: int) -> bytes:
        """Return a sound that is no speech."""
        return np.full(ms * SAMPLE_RATE // 1000, NOISE, "<i2").tobytes()

    def words(self, pcm: bytes, start_ms: int) -> list[Word]:
        """Return the words that are in `pcm`, spread evenly over their phrases; part of a phrase is its words
        so far."""
        samples = np.frombuffer(pcm, "<i2")
        edges = np.flatnonzero(np.diff(samples)) + 1
        words: list[Word] = []
        for first, last in pairwise([0, *edges.tolist(), len(samples)]):
            number = int(samples[first]) if first < last else 0
            if not 0 < number < NOISE:
                continue
            begin = start_ms + first * 1000 // SAMPLE_RATE
            heard = (last - first) * 1000 // SAMPLE_RATE // self._ms_per_word
            for i, text in enumerate(self._phrases[number - 1].split()[:heard]):
                at = begin + i * self._ms_per_word
                words.append(Word(text, at, at + self._ms_per_word, 0.9))
        return words


class FakeVoice:
    """TextToSpeech at 60 ms a character. `fail(text)` breaks one text, `stall` makes every text hang."""

    sample_rate = 16_000

    def __init__(self, *, first_chunk_s: float = 0.03) -> None:
        self.first_chunk_s = first_chunk_s
        self.spoken: list[str] = []
        self.failing: Callable[[str], bool] = lambda _: False
        self.fail_after_chunks = 0
        self.stalled = False

    async def stream(self, text: str) -> AsyncIterator[bytes]:
        self.spoken.append(text)
        await asyncio.sleep(self.first_chunk_s)
        if self.stalled:
            await asyncio.sleep(3_600)
        pcm = np.full(len(text) * 60 * self.sample_rate // 1000, 7, "<i2").tobytes()
        for chunk, start in enumerate(range(0, len(pcm), 16_000)):
            if self.failing(text) and chunk >= self.fail_after_chunks:
                raise SynthesisFailed("no voice today")
            yield pcm[start : start + 16_000]
            await asyncio.sleep(0.005)


class FakeRecogniser:
    """SpeechToText that reads the phrasebook's sound. The next `failing` or `hanging` turns do so."""

    def __init__(self, book: Phrasebook, *, final_s: float = 0.15) -> None:
        self.book = book
        self.final_s = final_s
        self.failing = 0
        self.crashing = 0
        self.hanging = 0
        self.substituted = False
        self.opened: list[int] = []
        self.hints: list[tuple[str, ...]] = []

    def open(
        self,
        *,
        start_ms: int,
        on_partial: Callable[[Partial], None],
        on_utterance: Callable[[Utterance], None],
        hints: Sequence[str] = (),
    ) -> "FakeRecognition":
        self.opened.append(start_ms)
        self.hints.append(tuple(hints))
        return FakeRecognition(self, start_ms, on_partial, on_utterance)


class FakeRecognition:
    """A turn: an utterance ends with a long pause or with the turn."""

    @property
    def substituted(self) -> bool:
        return self._engine.substituted

    def __init__(
        self,
        engine: FakeRecogniser,
        start_ms: int,
        on_partial: Callable[[Partial], None],
        on_utterance: Callable[[Utterance], None],
    ) -> None:
        self._engine = engine
        self._start_ms = start_ms
        self._pcm = bytearray()
        self._on_partial = on_partial
        self._on_utterance = on_utterance
        self._paused_ms: int | None = None
        self._partial_due_ms: int | None = None
        self._revision = 0
        self._shown = ""
        self._utterances: list[Utterance] = []
        self.closed = False

    @property
    def _end_ms(self) -> int:
        return self._start_ms + len(self._pcm) // BYTES_PER_MS

    def feed(self, pcm: bytes) -> None:
        self._pcm += pcm
        if self._partial_due_ms is not None and self._end_ms >= self._partial_due_ms:
            self._partial_due_ms = None if self._paused_ms is not None else self._end_ms + PARTIAL_EVERY_MS
            text = " ".join(w.text for w in self._engine.book.words(bytes(self._pcm), self._start_ms))
            if text and text != self._shown:
                self._shown = text
                self._revision += 1
                self._on_partial(
                    Partial(len(self._utterances), self._revision, text, self._start_ms, self._end_ms)
                )

    def pause(self, at_ms: int) -> None:
        assert at_ms <= self._end_ms
        self._paused_ms, self._partial_due_ms = at_ms, at_ms + AHEAD_MS

    def resume(self, at_ms: int) -> None:
        assert self._start_ms <= at_ms <= self._end_ms
        if self._paused_ms is not None and at_ms - self._paused_ms >= LONG_PAUSE_MS:
            self._close(at_ms)
        self._paused_ms, self._partial_due_ms = None, at_ms + PARTIAL_EVERY_MS

    async def finish(self) -> Sequence[Utterance]:
        engine = self._engine
        if engine.hanging > 0:
            engine.hanging -= 1
            await asyncio.sleep(3_600)
        await asyncio.sleep(engine.final_s)
        if engine.failing > 0:
            engine.failing -= 1
            raise RecognitionFailed("no ears today")
        if engine.crashing > 0:
            engine.crashing -= 1
            raise ZeroDivisionError("a bug")
        self._close(self._end_ms)
        return tuple(self._utterances)

    async def aclose(self) -> None:
        self.closed = True

    def _close(self, at_ms: int) -> None:
        size = (at_ms - self._start_ms) * BYTES_PER_MS
        words = self._engine.book.words(bytes(self._pcm[:size]), self._start_ms)
        if words:
            text = " ".join(word.text for word in words)
            utterance = Utterance(
                len(self._utterances), text, words[0].start_ms, words[-1].end_ms, tuple(words), -0.2
            )
            self._utterances.append(utterance)
            self._on_utterance(utterance)
        self._start_ms = at_ms
        del self._pcm[:size]
        self._revision = 0
