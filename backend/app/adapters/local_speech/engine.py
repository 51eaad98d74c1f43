"""All local models of one process: loaded in the background, once or when needed, shared by every session."""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.adapters.local_speech.pool import ModelPool
from app.adapters.local_speech.recognition import WhisperRecogniser
from app.adapters.local_speech.standby import Standby
from app.adapters.local_speech.tts import HibariModel, HibariVoice
from app.adapters.local_speech.vad import SileroModel, SileroVoiceActivity
from app.adapters.local_speech.whisper import WhisperDecoder
from app.adapters.local_speech.whisper_weights import ensure_whisper_base
from app.services.speech import (
    Deferred,
    DeferredVoice,
    ModelNotReady,
    SpeechToText,
    TextToSpeech,
    VoiceActivity,
)

Part = Literal["recogniser", "voice"]
"""A model that can do without being loaded while somebody else hears, or speaks."""

REST_S = 600.0
"""A model that was loaded in an emergency is let go when it was not needed for that long."""


@dataclass(frozen=True, slots=True)
class SpeechModels:
    """The loaded models."""

    whisper: WhisperDecoder
    voice: HibariModel
    activity: SileroModel


def load_whisper(models_dir: Path, whisper_model: str, *, workers: int) -> WhisperDecoder:
    """Load the recogniser. Blocks for a few seconds.

    `whisper_model` is "base" for the weights that come with the requirements, a folder, or the name of a
    published model, which is then fetched into `models_dir`.
    """
    if whisper_model == "base":
        whisper_model = str(ensure_whisper_base(models_dir / "whisper-base"))
    return WhisperDecoder(whisper_model, workers=workers, download_root=models_dir)


def load_models(models_dir: Path, *, whisper_model: str = "base", workers: int = 2) -> SpeechModels:
    """Load everything. Blocks for a few seconds. `whisper_model` is as for `load_whisper`."""
    return SpeechModels(
        load_whisper(models_dir, whisper_model, workers=workers), HibariModel(), SileroModel()
    )


class LocalSpeech:
    """The engines of this process. They can be handed out at once and used when `ready`."""

    def __init__(
        self,
        models_dir: Path,
        *,
        whisper_model: str = "base",
        threads: int = 2,
        later: Collection[Part] = (),
        rest_s: float = REST_S,
    ) -> None:
        """Prepare to keep models in `models_dir` and compute on `threads` threads; loads nothing yet.

        Models named `later` are loaded only when somebody needs them, who then waits for them, and are let go
        after `rest_s` without use.
        """
        workers = threads + 1  # one more than the pool, for whatever reads the model in the background
        recogniser: Standby[WhisperDecoder] = Standby(
            "recogniser",
            lambda: load_whisper(models_dir, whisper_model, workers=workers),
            rest_s=rest_s if "recogniser" in later else None,
        )
        voice = Standby("voice", HibariModel, rest_s=rest_s if "voice" in later else None)
        self._activity = Standby("voice_activity", SileroModel)
        self._recogniser, self._voice = recogniser, voice
        self._standby: dict[Part, Standby[WhisperDecoder] | Standby[HibariModel]] = {
            "recogniser": recogniser,
            "voice": voice,
        }
        self._later = frozenset(later)
        self._settled = asyncio.Event()
        self.pool = ModelPool(threads)
        hears = WhisperRecogniser(lambda: recogniser.model, self.pool)
        speaks = HibariVoice(lambda: voice.model, self.pool)
        self.speech_to_text: SpeechToText = Deferred(hears, recogniser) if "recogniser" in later else hears
        self.text_to_speech: TextToSpeech = DeferredVoice(speaks, voice) if "voice" in later else speaks
        self.voice_activity: VoiceActivity = SileroVoiceActivity(lambda: self._activity.model)

    @property
    def ready(self) -> bool:
        """Whether every model that is not for later can be used."""
        now = (standby.there for part, standby in self._standby.items() if part not in self._later)
        return self._activity.there and all(now)

    @property
    def asleep(self) -> tuple[Part, ...]:
        """The models that are not loaded because nobody needs them."""
        return tuple(part for part in sorted(self._later) if not self._standby[part].there)

    @property
    def models(self) -> SpeechModels:
        """The models. Raises ModelNotReady."""
        return SpeechModels(self._recogniser.model, self._voice.model, self._activity.model)

    def ears(self) -> tuple[WhisperDecoder | None, SileroModel | None]:
        """The recogniser and the voice activity model, None for one that is not loaded."""
        return (
            self._recogniser.model if self._recogniser.there else None,
            self._activity.model if self._activity.there else None,
        )

    async def load(self) -> None:
        """Load what is not for later, on a thread. A failure is logged, not raised: `ready` stays False."""
        try:
            with suppress(ModelNotReady):
                await self._activity.get()
                for part, standby in self._standby.items():
                    if part not in self._later:
                        await standby.get()
        finally:
            self._settled.set()

    def wake(self, part: Part) -> None:
        """Begin to load a model that somebody is about to need."""
        self._standby[part].wake()

    def is_there(self, part: Part) -> bool:
        """Whether a model is loaded."""
        return self._standby[part].there

    async def wait_ready(self) -> None:
        """Return when `load` is done. Raises ModelNotReady when it failed."""
        await self._settled.wait()
        if not self.ready:
            _ = self.models

    async def aclose(self) -> None:
        """Stop computing. Idempotent."""
        await self.pool.aclose()
        for standby in (*self._standby.values(), self._activity):
            await standby.aclose()
