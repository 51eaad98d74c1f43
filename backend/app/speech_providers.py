"""Google's recogniser in front of the models on this machine, as the settings want it."""

import asyncio
import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import structlog

from app.adapters.local_speech import LocalSpeech, ModelPool
from app.config import Settings
from app.services.conversation import bundled_bank, topics
from app.services.language_model import Breaker, BreakerState
from app.services.speech import (
    ModelNotReady,
    Partial,
    RecognitionStream,
    SpeechToText,
    TextToSpeech,
    Utterance,
    VoiceActivity,
    WithSubstitute,
)

if TYPE_CHECKING:
    from google.cloud.speech_v2 import SpeechAsyncClient

PROVIDER = "google_speech"

log = structlog.get_logger(__name__)


class SpeechMeter(Protocol):
    """What is counted about speech services."""

    def provider_is(self, name: str, *, up: bool) -> None:
        """A service is used again, or is left alone for a while."""
        ...

    def audio_sent(self, provider: str, seconds: float) -> None:
        """A service got so much audio."""
        ...

    def recogniser_substituted(self) -> None:
        """The local recogniser hears a turn, or the rest of one, in its place."""
        ...


class WithGoogle:
    """Implements SpeechEngines: Google hears answers, and the local recogniser where Google fails.

    The voice, voice activity and what listens to pronunciation are local.
    """

    def __init__(self, settings: Settings, local: LocalSpeech, meter: SpeechMeter) -> None:
        """Use the project and the words that `settings` name; signs in when loaded."""
        self.local = local
        self._settings = settings
        self._meter = meter
        self._google: SpeechToText | None = None
        self._client: SpeechAsyncClient | None = None
        self.speech_to_text: SpeechToText = WithSubstitute(
            self,
            local.speech_to_text,
            Breaker(asyncio.get_running_loop().time, on_change=self._changed),
            on_substitute=meter.recogniser_substituted,
        )

    @property
    def ready(self) -> bool:
        """Whether every local engine can be used: with them an exam can be held to its end."""
        return self.local.ready

    @property
    def pool(self) -> ModelPool:
        """Where whatever computes belongs."""
        return self.local.pool

    @property
    def text_to_speech(self) -> TextToSpeech:
        """The examiner's voice."""
        return self.local.text_to_speech

    @property
    def voice_activity(self) -> VoiceActivity:
        """What tells speech from silence."""
        return self.local.voice_activity

    async def load(self) -> None:
        """Load the local models and sign in to Google; a failure is logged, and the local ones hear."""
        await asyncio.gather(self.local.load(), self._sign_in())

    async def aclose(self) -> None:
        """Stop computing and close the connection. Idempotent."""
        client, self._client = self._client, None
        if client is not None:
            await client.transport.close()  # type: ignore[no-untyped-call]  # has no annotations
        await self.local.aclose()

    def open(
        self,
        *,
        start_ms: int,
        on_partial: Callable[[Partial], None],
        on_utterance: Callable[[Utterance], None],
    ) -> RecognitionStream:
        """Begin a turn with Google. Raises ModelNotReady."""
        if self._google is None:
            raise ModelNotReady("Google Speech is not signed in.")
        return self._google.open(start_ms=start_ms, on_partial=on_partial, on_utterance=on_utterance)

    async def _sign_in(self) -> None:
        # A second and 40 MB that only those pay who use it.
        google = await asyncio.to_thread(importlib.import_module, "app.adapters.google_speech")
        settings = self._settings
        try:
            self._client = client = await google.connect(settings.google_speech_location)
        except ModelNotReady as failure:
            log.warning("google_speech.not_signed_in", reason=str(failure))
            self._meter.provider_is(PROVIDER, up=False)
            return
        hearing = google.Hearing(
            settings.google_cloud_project,
            settings.google_speech_location,
            settings.google_speech_model,
            settings.google_speech_language,
            _phrases(settings),
        )
        self._google = google.GoogleRecogniser(
            client, hearing, on_sent=lambda seconds: self._meter.audio_sent(PROVIDER, seconds)
        )
        self._meter.provider_is(PROVIDER, up=True)
        log.info("google_speech.signed_in", location=settings.google_speech_location)

    def _changed(self, state: BreakerState) -> None:
        log.warning("google_speech.breaker", state=state)
        self._meter.provider_is(PROVIDER, up=state == "closed")


def _phrases(settings: Settings) -> tuple[str, ...]:
    """Return the names that are set and the exam's topics, each once."""
    named = (phrase.strip() for phrase in settings.google_speech_phrases.split(","))
    return tuple(dict.fromkeys([*filter(None, named), *(topic.name for topic in topics(bundled_bank()))]))
