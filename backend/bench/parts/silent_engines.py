"""Speech engines that cost next to nothing, so that what is measured is the server around them."""

from collections.abc import AsyncIterator, Callable

from app.services.speech import Partial, Utterance

SECOND = bytes(16_000 * 2)


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
    ) -> "DeafRecognition":
        """Open a turn."""
        return DeafRecognition()


class DeafRecognition:
    """A turn in which nothing was said."""

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
