"""Google's recogniser and voice in front of those on this machine, as the settings want it."""

import asyncio
import importlib
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Protocol

import structlog

from app.adapters.analysis_process import AnalysisProcess
from app.adapters.local_speech import LocalSpeech, ModelPool, Part
from app.config import Settings
from app.services import tracing
from app.services.conversation import bundled_bank, topics
from app.services.language_model import Breaker, BreakerState, ProviderState
from app.services.speech import (
    BoughtVoice,
    ModelNotReady,
    Partial,
    RecognitionStream,
    SpeechToText,
    Synthesise,
    TextToSpeech,
    Utterance,
    VoiceActivity,
    WithSubstitute,
)
from app.services.storage import BlobStore

if TYPE_CHECKING:
    from google.cloud.speech_v2 import SpeechAsyncClient
    from google.cloud.texttospeech_v1 import TextToSpeechAsyncClient

PROVIDER = "google_speech"
VOICE_PROVIDER = "google_voice"

log = structlog.get_logger(__name__)


class SpeechMeter(Protocol):
    """What is counted about speech services."""

    def provider_is(self, name: str, state: ProviderState) -> None:
        """The breaker of a service stands like this, or we are not signed in."""
        ...

    def audio_sent(self, provider: str, seconds: float) -> None:
        """A service got so much audio."""
        ...

    def text_sent(self, provider: str, characters: int) -> None:
        """A service got so much text."""
        ...

    def recogniser_substituted(self) -> None:
        """The local recogniser hears a turn, or the rest of one, in its place."""
        ...


class WithGoogle:
    """Implements SpeechEngines: Google hears answers or speaks, and the local engines where Google fails.

    The local engine that Google stands in for is loaded when Google fails. Voice activity is local.
    """

    def __init__(
        self,
        settings: Settings,
        local: LocalSpeech,
        blobs: BlobStore,
        meter: SpeechMeter,
        *,
        analysis: AnalysisProcess | None = None,
    ) -> None:
        """Use the project and the words that `settings` name; signs in when loaded.

        The bank's questions, once bought, are kept in `blobs`.
        `analysis` is where answers are analysed, None where this process does it; it is closed with the rest.
        """
        self.local = local
        self.analysis = analysis
        self._settings = settings
        self._meter = meter
        self._google: SpeechToText | None = None
        self._voice: Synthesise | None = None
        self._clients: list[SpeechAsyncClient | TextToSpeechAsyncClient] = []
        self.speech_to_text: SpeechToText = local.speech_to_text
        self.text_to_speech: TextToSpeech = local.text_to_speech
        if settings.recogniser() == "google":
            self.speech_to_text = WithSubstitute(
                self,
                local.speech_to_text,
                self._breaker(PROVIDER, "recogniser"),
                on_substitute=meter.recogniser_substituted,
            )
        if settings.voice() == "google":
            self.text_to_speech = BoughtVoice(
                self._say,
                settings.google_voice,
                local.text_to_speech,
                self._breaker(VOICE_PROVIDER, "voice"),
                blobs,
                lasting=_bank_lines().__contains__,
            )

    @property
    def ready(self) -> bool:
        """Whether somebody hears and somebody speaks: Google, or the local engine once it is loaded."""
        settings = self._settings
        hears = settings.recogniser() == "local" or self._google or self.local.is_there("recogniser")
        speaks = settings.voice() == "local" or self._voice or self.local.is_there("voice")
        return self.local.ready and bool(hears) and bool(speaks)

    @property
    def asleep(self) -> Collection[str]:
        """The models that are loaded only when they are needed, and are not."""
        if self.analysis is not None and self.analysis.pid is None:
            return (*self.local.asleep, "analysis")
        return self.local.asleep

    @property
    def pool(self) -> ModelPool:
        """Where whatever computes belongs."""
        return self.local.pool

    @property
    def voice_activity(self) -> VoiceActivity:
        """What tells speech from silence."""
        return self.local.voice_activity

    async def load(self) -> None:
        """Sign in to Google and load what is local; where Google fails, the local engine in its place too."""
        await asyncio.gather(self.local.load(), self._open_ears(), self._open_voice())

    async def aclose(self) -> None:
        """Stop computing and close the connection. Idempotent."""
        while self._clients:
            client = self._clients.pop()
            await client.transport.close()  # type: ignore[no-untyped-call]  # has no annotations
        await self.local.aclose()
        if self.analysis is not None:
            await asyncio.to_thread(self.analysis.close)

    def open(
        self,
        *,
        start_ms: int,
        on_partial: Callable[[Partial], None],
        on_utterance: Callable[[Utterance], None],
        hints: Sequence[str] = (),
    ) -> RecognitionStream:
        """Begin a turn with Google. Raises ModelNotReady."""
        if self._google is None:
            raise ModelNotReady("Google Speech is not signed in.")
        return self._google.open(
            start_ms=start_ms, on_partial=on_partial, on_utterance=on_utterance, hints=hints
        )

    async def _say(self, text: str, sample_rate: int) -> AsyncGenerator[bytes, None]:
        if self._voice is None:
            raise ModelNotReady("Google's voice is not signed in.")
        async with aclosing(self._voice(text, sample_rate)) as said:
            # Until it is heard: a span that is open while others compute would take theirs for its own.
            with tracing.span("synthesise", "client", attributes={"speech.provider": VOICE_PROVIDER}):
                first = await anext(said)
            yield first
            async for piece in said:
                yield piece

    async def _open_ears(self) -> None:
        if self._settings.recogniser() != "google":
            return
        try:
            client, self._google = await google_ears(
                self._settings, lambda seconds: self._meter.audio_sent(PROVIDER, seconds)
            )
        except ModelNotReady as failure:
            self._not_signed_in(PROVIDER, "recogniser", failure)
            return
        self._clients.append(client)
        self._meter.provider_is(PROVIDER, "closed")
        log.info("google_speech.signed_in", location=self._settings.google_speech_location)

    async def _open_voice(self) -> None:
        if self._settings.voice() != "google":
            return
        try:
            client, self._voice = await google_voice(
                self._settings, lambda characters: self._meter.text_sent(VOICE_PROVIDER, characters)
            )
        except ModelNotReady as failure:
            self._not_signed_in(VOICE_PROVIDER, "voice", failure)
            return
        self._clients.append(client)
        self._meter.provider_is(VOICE_PROVIDER, "closed")
        log.info("google_voice.signed_in", voice=self._settings.google_voice)

    def _not_signed_in(self, provider: str, substitute: Part, failure: ModelNotReady) -> None:
        log.warning("speech.not_signed_in", provider=provider, reason=str(failure))
        self.local.wake(substitute)
        self._meter.provider_is(provider, "not_signed_in")

    def _breaker(self, provider: str, substitute: Part) -> Breaker:
        def changed(state: BreakerState) -> None:
            log.warning("speech.breaker", provider=provider, state=state)
            if state == "open":
                self.local.wake(substitute)
            self._meter.provider_is(provider, state)

        return Breaker(asyncio.get_running_loop().time, on_change=changed)


async def google_ears(
    settings: Settings, on_sent: Callable[[float], None]
) -> tuple["SpeechAsyncClient", SpeechToText]:
    """Sign in; return the client, which is to be closed, and the recogniser. Raises ModelNotReady."""
    # A second and 40 MB that only those pay who use it.
    google = await asyncio.to_thread(importlib.import_module, "app.adapters.google_speech")
    client = await google.connect(settings.google_speech_location)
    hearing = google.Hearing(
        settings.google_cloud_project,
        settings.google_speech_location,
        settings.google_speech_model,
        settings.google_speech_language,
        _phrases(settings),
    )
    return client, google.GoogleRecogniser(client, hearing, on_sent=on_sent)


async def google_voice(
    settings: Settings, on_sent: Callable[[int], None]
) -> tuple["TextToSpeechAsyncClient", Synthesise]:
    """Sign in; return the client, which is to be closed, and the voice. Raises ModelNotReady."""
    google = await asyncio.to_thread(importlib.import_module, "app.adapters.google_voice")
    client = await google.connect()
    return client, google.GoogleVoice(client, settings.google_voice, on_sent=on_sent)


def _bank_lines() -> frozenset[str]:
    """Return the questions that every learner may be asked in the same words."""
    bank = bundled_bank()
    lines = {question.text for part in bank.part1 for question in part.questions}
    for card in bank.part2:
        lines.update(card.rounding_off)
        for question in card.p3:
            lines.update(filter(None, (question.text, question.rephrase, question.probe)))
    return frozenset(lines)


def _phrases(settings: Settings) -> tuple[str, ...]:
    """Return the names that are set and the exam's topics, each once."""
    named = (phrase.strip() for phrase in settings.google_speech_phrases.split(","))
    return tuple(dict.fromkeys([*filter(None, named), *(topic.name for topic in topics(bundled_bank()))]))
