"""The models a process works with, as one choice: those that the settings name, unless others are given."""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from app.adapters.local_speech import LocalSpeech, ModelPool, Part
from app.analysis_models import analysis_process, load_assessor, load_turn_analyzer
from app.config import Settings
from app.services.analysis_coordinator import AnswerAnalyzer, SpeechAssessor
from app.services.speech import ModelNotReady, SpeechToText, TextToSpeech, VoiceActivity
from app.services.storage import BlobStore
from app.speech_providers import SpeechMeter, WithGoogle


class SpeechEngines(Protocol):
    """Recogniser, voice and voice activity of a process, and the threads that they compute on."""

    @property
    def ready(self) -> bool:
        """Whether every engine can be used."""
        ...

    @property
    def asleep(self) -> Collection[str]:
        """The models that are loaded only when they are needed, and are not."""
        ...

    @property
    def pool(self) -> ModelPool:
        """Where whatever computes belongs."""
        ...

    @property
    def speech_to_text(self) -> SpeechToText:
        """The recogniser."""
        ...

    @property
    def text_to_speech(self) -> TextToSpeech:
        """The examiner's voice."""
        ...

    @property
    def voice_activity(self) -> VoiceActivity:
        """What tells speech from silence."""
        ...

    async def load(self) -> None:
        """Make the engines ready; a failure is logged and leaves them unready."""
        ...

    async def aclose(self) -> None:
        """Stop computing. Idempotent."""
        ...


@dataclass(frozen=True, slots=True)
class Engines:
    """How the models are made. `analyzer` blocks until they are loaded; closing the speech engines ends it.

    `assessor` waits for the speech engines, whose models it shares, and gives None where it cannot be had.
    """

    speech: Callable[[Settings, BlobStore, SpeechMeter], SpeechEngines]
    analyzer: Callable[[SpeechEngines], AnswerAnalyzer]
    assessor: Callable[[Settings, SpeechEngines], Coroutine[Any, Any, SpeechAssessor | None]]


def _speech(settings: Settings, blobs: BlobStore, meter: SpeechMeter) -> SpeechEngines:
    google: list[Part] = []
    if settings.recogniser() == "google":
        google.append("recogniser")
    if settings.voice() == "google":
        google.append("voice")
    local = LocalSpeech(
        settings.data_dir / "models",
        whisper_model=settings.whisper_model,
        threads=settings.speech_workers,
        later=google,
    )
    if not google:
        return local
    return WithGoogle(
        settings,
        local,
        blobs,
        meter,
        analysis=analysis_process(settings) if settings.keeps_models_away else None,
    )


def _analyzer(speech: SpeechEngines) -> AnswerAnalyzer:
    if isinstance(speech, WithGoogle) and speech.analysis is not None:
        return speech.analysis
    return load_turn_analyzer()


async def _assessor(settings: Settings, speech: SpeechEngines) -> SpeechAssessor | None:
    if isinstance(speech, WithGoogle) and speech.analysis is not None:
        return speech.analysis
    local = speech.local if isinstance(speech, WithGoogle) else speech
    assert isinstance(local, LocalSpeech)
    try:
        await local.wait_ready()
    except ModelNotReady:
        return None
    models_dir = settings.data_dir / "models"
    return await asyncio.to_thread(load_assessor, models_dir, settings.whisper_model, *local.ears())


FROM_SETTINGS = Engines(_speech, _analyzer, _assessor)
