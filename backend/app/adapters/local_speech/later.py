"""A recogniser for a process that rarely needs one: its model is loaded when there is something to hear."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from app.adapters.local_speech.engine import load_whisper
from app.adapters.local_speech.pool import ModelPool
from app.adapters.local_speech.recognition import WhisperRecogniser
from app.adapters.local_speech.whisper import WhisperDecoder
from app.services.speech import ModelNotReady, SpeechSpan, Utterance, transcribe


class LaterRecogniser:
    """Implements Transcribe. The model, once loaded, stays."""

    def __init__(self, models_dir: Path, *, whisper_model: str) -> None:
        self._models_dir = models_dir
        self._whisper_model = whisper_model
        self._pool = ModelPool(1)
        self._loading = asyncio.Lock()
        self._decoder: WhisperDecoder | None = None
        self._recogniser = WhisperRecogniser(self._loaded, self._pool)

    async def __call__(self, pcm: bytes, start_ms: int, spans: Sequence[SpeechSpan]) -> tuple[Utterance, ...]:
        """Return what is said in the sound. Raises SpeechError, and what the model raises when it loads."""
        async with self._loading:
            if self._decoder is None:
                self._decoder = await asyncio.to_thread(
                    load_whisper, self._models_dir, self._whisper_model, workers=1
                )
        return await transcribe(self._recogniser, pcm, start_ms, spans)

    async def aclose(self) -> None:
        """Stop computing. Idempotent."""
        await self._pool.aclose()

    def _loaded(self) -> WhisperDecoder:
        if self._decoder is None:
            raise ModelNotReady("The speech model has not been loaded.")
        return self._decoder
