"""The models a process works with, as one choice: those on this machine, unless others are given."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.adapters.local_speech import LocalSpeech, ModelPool
from app.config import Settings
from app.services.analysis_coordinator import TurnAnalyzer
from app.services.speech import SpeechToText, TextToSpeech, VoiceActivity
from app.workers.run import load_turn_analyzer


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
    """How the models are made. `analyzer` blocks until they are loaded."""

    speech: Callable[[Settings], SpeechEngines]
    analyzer: Callable[[], TurnAnalyzer]


def _local_speech(settings: Settings) -> SpeechEngines:
    return LocalSpeech(
        settings.data_dir / "models",
        whisper_model=settings.whisper_model,
        threads=settings.speech_workers,
    )


LOCAL = Engines(_local_speech, load_turn_analyzer)
