"""The models a process works with, as one choice: those that the settings name, unless others are given."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from app.adapters.local_speech import LocalSpeech, ModelPool
from app.config import Settings
from app.services.analysis_coordinator import SpeechAssessor, TurnAnalyzer
from app.services.speech import ModelNotReady, SpeechToText, TextToSpeech, VoiceActivity
from app.speech_providers import SpeechMeter, WithGoogle
from app.workers.run import load_assessor, load_turn_analyzer


class SpeechEngines(Protocol):
    """Recogniser, voice and voice activity of a process, and the threads that they compute on."""

    @property
    def ready(self) -> bool:
        """Whether every engine can be used."""
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
    """How the models are made. `analyzer` blocks until they are loaded.

    `assessor` waits for the speech engines, whose models it shares, and gives None where it cannot be had.
    """

    speech: Callable[[Settings, SpeechMeter], SpeechEngines]
    analyzer: Callable[[], TurnAnalyzer]
    assessor: Callable[[Settings, SpeechEngines], Coroutine[Any, Any, SpeechAssessor | None]]


def _speech(settings: Settings, meter: SpeechMeter) -> SpeechEngines:
    local = LocalSpeech(
        settings.data_dir / "models",
        whisper_model=settings.whisper_model,
        threads=settings.speech_workers,
    )
    return (
        WithGoogle(settings, local, meter) if "google" in (settings.recogniser(), settings.voice()) else local
    )


async def _local_assessor(settings: Settings, speech: SpeechEngines) -> SpeechAssessor | None:
    local = speech.local if isinstance(speech, WithGoogle) else speech
    assert isinstance(local, LocalSpeech)
    try:
        await local.wait_ready()
    except ModelNotReady:
        return None
    return await asyncio.to_thread(load_assessor, settings, local.models)


FROM_SETTINGS = Engines(_speech, load_turn_analyzer, _local_assessor)
