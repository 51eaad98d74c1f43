"""All local models of one process: loaded once, in the background, and shared by every session."""

import asyncio
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import structlog

from app.adapters.local_speech.pool import ModelPool
from app.adapters.local_speech.recognition import WhisperRecogniser
from app.adapters.local_speech.tts import HibariModel, HibariVoice
from app.adapters.local_speech.vad import SileroModel, SileroVoiceActivity
from app.adapters.local_speech.whisper import WhisperDecoder
from app.adapters.local_speech.whisper_weights import ensure_whisper_base
from app.services.speech import ModelNotReady

log = structlog.get_logger()


class LoadState(StrEnum):
    """How far the models are."""

    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


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
    """The engines of this process. They can be handed out at once and used when `state` is ready."""

    def __init__(self, models_dir: Path, *, whisper_model: str = "base", threads: int = 2) -> None:
        """Prepare to keep models in `models_dir` and compute on `threads` threads; loads nothing yet."""
        self._models_dir = models_dir
        self._whisper_model = whisper_model
        self._threads = threads
        self._models: SpeechModels | None = None
        self._settled = asyncio.Event()
        self.state = LoadState.LOADING
        self.load_seconds: float | None = None
        self.pool = ModelPool(threads)
        self.speech_to_text = WhisperRecogniser(lambda: self.models.whisper, self.pool)
        self.text_to_speech = HibariVoice(lambda: self.models.voice, self.pool)
        self.voice_activity = SileroVoiceActivity(lambda: self.models.activity)

    @property
    def ready(self) -> bool:
        """Whether every model can be used."""
        return self.state is LoadState.READY

    @property
    def models(self) -> SpeechModels:
        """The models. Raises ModelNotReady."""
        if self._models is None:
            raise ModelNotReady(
                "The speech models could not be loaded; see the server's log."
                if self.state is LoadState.FAILED
                else "The speech models are still loading; try again in a few seconds."
            )
        return self._models

    async def load(self) -> None:
        """Load the models on a thread of their own. A failure is logged and kept in `state`, not raised."""
        started = time.perf_counter()
        workers = self._threads + 1  # one more than the pool, for whatever reads the model in the background
        try:
            self._models = await asyncio.to_thread(
                load_models, self._models_dir, whisper_model=self._whisper_model, workers=workers
            )
        except Exception:
            self.state = LoadState.FAILED
            log.exception("speech.load_failed", whisper_model=self._whisper_model)
        else:
            self.state = LoadState.READY
            self.load_seconds = time.perf_counter() - started
            log.info("speech.loaded", seconds=round(self.load_seconds, 1))
        finally:
            self._settled.set()

    async def wait_ready(self) -> None:
        """Return when the models can be used. Raises ModelNotReady when loading failed."""
        await self._settled.wait()
        _ = self.models

    async def aclose(self) -> None:
        """Stop computing. Idempotent."""
        await self.pool.aclose()
