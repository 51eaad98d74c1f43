"""What the conversation needs from speech technology; adapters provide it.

All methods are called on the event loop. Whatever computes for more than a millisecond runs elsewhere.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from app.services.speech.types import Partial, Utterance


class RecognitionStream(Protocol):
    """Recognition of one turn. Positions are session milliseconds.

    A stream may split a long turn into several utterances; each is reported once, in order, through
    `on_utterance`, and again together by `finish`.
    """

    @property
    def substituted(self) -> bool:
        """Whether some of the turn was heard by another recogniser than the chosen one."""
        ...

    def feed(self, pcm: bytes) -> None:
        """Add 16 kHz mono PCM16; the stream starts at the position it was opened with and has no gaps."""
        ...

    def pause(self, at_ms: int) -> None:
        """Say that speech stopped at `at_ms`: the stream may decode ahead while the wait goes on."""
        ...

    def resume(self, at_ms: int) -> None:
        """Say that speech started or went on at `at_ms`, so that what was decoded ahead may be out of date.

        Also says where the turn's first speech begins: before it there are no partials.
        """
        ...

    async def finish(self) -> tuple[Utterance, ...]:
        """Decode what is left and return every utterance of the turn.

        Raises RecognitionFailed when the engine cannot; the audio is not lost by that.
        """
        ...

    async def aclose(self) -> None:
        """Drop the stream and whatever it was still computing. Idempotent."""
        ...


class SpeechToText(Protocol):
    """A recogniser."""

    def open(
        self,
        *,
        start_ms: int,
        on_partial: Callable[[Partial], None],
        on_utterance: Callable[[Utterance], None],
        hints: Sequence[str] = (),
    ) -> RecognitionStream:
        """Begin a turn at `start_ms`. The callbacks run on the event loop and must not block.

        `hints` are words that may be said and are hard to know, such as the learner's name; a recogniser
        without a use for them passes them over.
        """
        ...


class TextToSpeech(Protocol):
    """A voice. `sample_rate` is that of the PCM16 mono it produces."""

    @property
    def sample_rate(self) -> int:
        """Samples per second."""
        ...

    def stream(self, text: str) -> AsyncIterator[bytes]:
        """Yield PCM16 mono chunks, the first as early as possible. Raises SynthesisFailed."""
        ...


class VoiceActivityStream(Protocol):
    """Voice activity of one session's microphone signal, in order."""

    def feed(self, pcm: bytes) -> list[float]:
        """Return the speech probability (0-1) of each 32 ms window completed by `pcm`."""
        ...


class VoiceActivity(Protocol):
    """A voice activity detector."""

    def open(self) -> VoiceActivityStream:
        """Begin a signal."""
        ...


class EndOfTurn(Protocol):
    """An opinion on an answer whose speaker has fallen silent; it may only lengthen the wait."""

    def __call__(self, text: str) -> bool:
        """Return whether `text`, what was understood so far, asks for more."""
        ...
