"""Models that cost next to nothing, so that what is measured is the server around them."""

from collections.abc import AsyncIterator, Callable, Sequence

from app.adapters.local_speech import ModelPool
from app.config import Settings
from app.engines import Engines, SpeechEngines
from app.services.analysis_coordinator import TurnAnalyzer
from app.services.hybrid_analyzer import Token
from app.services.speech import Partial, Utterance
from app.services.storage import BlobStore
from app.speech_providers import SpeechMeter
from bench.parts.plain_activity import PlainActivity

SECOND = bytes(16_000 * 2)


def silent_engines() -> Engines:
    """Return them all."""
    return Engines(SilentSpeech, lambda _: TurnAnalyzer(NoLanguage()), _no_assessor)


async def _no_assessor(settings: Settings, speech: SpeechEngines) -> None:
    """Nothing listens to how anything was said."""


class SilentSpeech:
    """SpeechEngines that are ready once they are asked to load."""

    def __init__(self, settings: Settings, blobs: BlobStore, meter: SpeechMeter) -> None:
        self.pool = ModelPool(settings.speech_workers)
        self.speech_to_text = DeafRecogniser()
        self.text_to_speech = ShortVoice()
        self.voice_activity = PlainActivity()
        self.ready = False
        self.asleep = ()

    async def load(self) -> None:
        """Be ready."""
        self.ready = True

    async def aclose(self) -> None:
        """Let the threads go."""
        await self.pool.aclose()


class ShortVoice:
    """TextToSpeech: every line is a second of silence."""

    sample_rate = 16_000

    async def stream(self, text: str) -> AsyncIterator[bytes]:
        """Yield the second."""
        yield SECOND


class DeafRecogniser:
    """SpeechToText that hears nothing and keeps nothing."""

    def open(
        self,
        *,
        start_ms: int,
        on_partial: Callable[[Partial], None],
        on_utterance: Callable[[Utterance], None],
        hints: Sequence[str] = (),
    ) -> "DeafRecognition":
        """Open a turn."""
        return DeafRecognition()


class DeafRecognition:
    """A turn in which nothing was said."""

    substituted = False

    def feed(self, pcm: bytes) -> None:
        """Pass it over."""

    def pause(self, at_ms: int) -> None:
        """Pass it over."""

    def resume(self, at_ms: int) -> None:
        """Pass it over."""

    async def finish(self) -> tuple[Utterance, ...]:
        """Return nothing."""
        return ()

    async def aclose(self) -> None:
        """Nothing is open."""


class NoLanguage:
    """Parser of answers in which nothing was understood."""

    def parse(self, text: str) -> tuple[Token, ...]:
        """Return no tokens."""
        return ()

    def inflect(self, lemma: str, tag: str) -> str | None:
        """Know no form."""
        return None

    def base_verb(self, word: str) -> str | None:
        """Know no form."""
        return None
