"""Engines that need not be there yet: what is said meanwhile is kept, and a line waits for its voice."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol

from app.services.speech.errors import RecognitionFailed, SpeechError, SynthesisFailed
from app.services.speech.kept_turn import KeptTurn
from app.services.speech.ports import RecognitionStream, SpeechToText, TextToSpeech
from app.services.speech.types import Partial, Utterance

PATIENCE_S = 10.0
"""How long the end of a turn waits for its recogniser, less than the exam waits for a transcript, and a line
for its voice."""


class Coming(Protocol):
    """An engine that is there, or comes when it is called."""

    @property
    def there(self) -> bool:
        """Whether `get` returns at once."""
        ...

    async def get(self) -> None:
        """Return once it is there. Raises SpeechError when it cannot come."""
        ...


class Deferred:
    """A SpeechToText. A turn opened before the recogniser is there calls it, and is heard by it later."""

    def __init__(self, recogniser: SpeechToText, coming: Coming, *, patience_s: float = PATIENCE_S) -> None:
        """`recogniser` is asked only once `coming` is there."""
        self._recogniser = recogniser
        self._coming = coming
        self._patience_s = patience_s

    def open(
        self,
        *,
        start_ms: int,
        on_partial: Callable[[Partial], None],
        on_utterance: Callable[[Utterance], None],
        hints: Sequence[str] = (),
    ) -> RecognitionStream:
        """Begin a turn at `start_ms`."""

        def begin(from_ms: int) -> RecognitionStream:
            return self._recogniser.open(
                start_ms=from_ms, on_partial=on_partial, on_utterance=on_utterance, hints=hints
            )

        if self._coming.there:
            return begin(start_ms)
        return DeferredRecognition(start_ms, self._coming.get, begin, patience_s=self._patience_s)


class DeferredRecognition:
    """One turn; implements RecognitionStream."""

    substituted = False

    def __init__(
        self,
        start_ms: int,
        comes: Callable[[], Awaitable[None]],
        begin: Callable[[int], RecognitionStream],
        *,
        patience_s: float,
    ) -> None:
        self._kept = KeptTurn(start_ms)
        self._begin = begin
        self._patience_s = patience_s
        self._stream: RecognitionStream | None = None
        self._failure: SpeechError | None = None
        self._arriving = asyncio.create_task(self._arrive(comes), name="speech.deferred")

    def feed(self, pcm: bytes) -> None:
        """Add 16 kHz mono PCM16."""
        if self._failure is None:
            (self._stream or self._kept).feed(pcm)

    def pause(self, at_ms: int) -> None:
        """Say that speech stopped at `at_ms`."""
        (self._stream or self._kept).pause(at_ms)

    def resume(self, at_ms: int) -> None:
        """Say that speech started or went on at `at_ms`."""
        (self._stream or self._kept).resume(at_ms)

    async def finish(self) -> tuple[Utterance, ...]:
        """Return every utterance. Raises RecognitionFailed, also when the recogniser is late."""
        await asyncio.wait({self._arriving}, timeout=self._patience_s)
        if self._stream is None:
            raise RecognitionFailed(
                f"No recogniser: {self._failure or f'it is not loaded after {self._patience_s:g} s'}."
            )
        return await self._stream.finish()

    async def aclose(self) -> None:
        """Drop the stream. Idempotent."""
        self._arriving.cancel()
        await asyncio.gather(self._arriving, return_exceptions=True)
        if self._stream is not None:
            await self._stream.aclose()

    async def _arrive(self, comes: Callable[[], Awaitable[None]]) -> None:
        try:
            await comes()
            stream = self._begin(self._kept.start_ms)
        except SpeechError as failure:
            self._failure = failure
            self._kept = KeptTurn(self._kept.start_ms)
            return
        self._kept.hand_over(stream)
        self._stream = stream


class DeferredVoice:
    """A TextToSpeech that calls its voice when there is something to say."""

    def __init__(self, voice: TextToSpeech, coming: Coming, *, patience_s: float = PATIENCE_S) -> None:
        self._voice = voice
        self._coming = coming
        self._patience_s = patience_s

    @property
    def sample_rate(self) -> int:
        """Samples per second."""
        return self._voice.sample_rate

    async def stream(self, text: str) -> AsyncIterator[bytes]:
        """Yield PCM16 mono chunks. Raises SynthesisFailed, also when the voice does not come in time."""
        try:
            async with asyncio.timeout(self._patience_s):
                await self._coming.get()
        except TimeoutError as late:
            raise SynthesisFailed(f"The voice is not loaded after {self._patience_s:g} s.") from late
        async for chunk in self._voice.stream(text):
            yield chunk
