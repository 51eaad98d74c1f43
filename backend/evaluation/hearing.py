"""One recording heard as the product hears an answer while it is spoken."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.adapters.local_speech import LocalSpeech, SpeechModels
from app.adapters.local_speech.pacing import Pacing
from app.adapters.local_speech.recognition import WhisperRecogniser
from app.config import Settings
from app.services.speech import (
    BYTES_PER_MS,
    Segmenter,
    SpeechSpan,
    SpeechStarted,
    SpeechToText,
    SpokenTurn,
    VoiceActivity,
)

FRAME_BYTES = 1_024
FINALS_ONLY = Pacing(first_partial_ms=3_600_000)
"""Partials are shown to the learner and thrown away; what is measured is the transcript that stays."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """The recogniser and the voice activity of the settings, with their models loaded."""

    models: SpeechModels
    speech_to_text: SpeechToText
    activity: VoiceActivity

    async def hear(self, pcm: bytes) -> SpokenTurn:
        """Return what is said in 16 kHz mono PCM16. Raises RecognitionFailed."""
        return await hear(self.speech_to_text, self.activity, pcm)


@asynccontextmanager
async def loaded_hearing(settings: Settings) -> AsyncIterator[Hearing]:
    """Load the product's ears, on one thread. Raises ModelNotReady."""
    speech = LocalSpeech(settings.data_dir / "models", whisper_model=settings.whisper_model, threads=1)
    await speech.load()
    try:
        await speech.wait_ready()
        recogniser = WhisperRecogniser(lambda: speech.models.whisper, speech.pool, pacing=FINALS_ONLY)
        yield Hearing(speech.models, recogniser, speech.voice_activity)
    finally:
        await speech.aclose()


async def hear(speech_to_text: SpeechToText, activity: VoiceActivity, pcm: bytes) -> SpokenTurn:
    """Return what is said in 16 kHz mono PCM16, fed as a microphone would be. Raises RecognitionFailed."""
    stream = speech_to_text.open(start_ms=0, on_partial=lambda _: None, on_utterance=lambda _: None)
    voice, segmenter = activity.open(), Segmenter()
    end_ms = len(pcm) // BYTES_PER_MS
    spans: list[SpeechSpan] = []
    began_ms: int | None = None
    try:
        for start in range(0, len(pcm), FRAME_BYTES):
            frame = pcm[start : start + FRAME_BYTES]
            stream.feed(frame)
            for event in segmenter.feed(voice.feed(frame)):
                if isinstance(event, SpeechStarted):
                    began_ms = event.at_ms
                    stream.resume(event.at_ms)
                else:
                    stream.pause(event.at_ms)
                    if began_ms is not None:
                        spans.append(SpeechSpan(began_ms, event.at_ms))
                    began_ms = None
        if began_ms is not None:
            spans.append(SpeechSpan(began_ms, end_ms))
        utterances = tuple(await stream.finish())
    finally:
        await stream.aclose()
    return SpokenTurn(0, end_ms, utterances, tuple(spans))
