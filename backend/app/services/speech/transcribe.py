"""Recognising a stored answer as it would have been recognised while it was spoken."""

from collections.abc import Sequence
from typing import Protocol

from app.services.speech.ports import SpeechToText
from app.services.speech.types import BYTES_PER_MS, Partial, SpeechSpan, Utterance


class Transcribe(Protocol):
    """Hears a stored answer."""

    async def __call__(self, pcm: bytes, start_ms: int, spans: Sequence[SpeechSpan]) -> tuple[Utterance, ...]:
        """Return what is said in 16 kHz mono PCM16 that begins at `start_ms`; speech is in `spans`.

        Raises SpeechError.
        """
        ...


async def transcribe(
    recogniser: SpeechToText, pcm: bytes, start_ms: int, spans: Sequence[SpeechSpan]
) -> tuple[Utterance, ...]:
    """Do so with a recogniser of live speech. Raises SpeechError."""
    stream = recogniser.open(start_ms=start_ms, on_partial=_pass_over, on_utterance=_pass_over)
    fed = 0

    def feed_until(at_ms: int) -> None:
        nonlocal fed
        end = max(fed, (at_ms - start_ms) * BYTES_PER_MS)
        stream.feed(pcm[fed:end])
        fed = end

    end_ms = start_ms + len(pcm) // BYTES_PER_MS
    try:
        for span in spans:
            if start_ms <= span.start_ms < span.end_ms <= end_ms:
                feed_until(span.start_ms)
                stream.resume(span.start_ms)
                feed_until(span.end_ms)
                stream.pause(span.end_ms)
        feed_until(end_ms)
        return await stream.finish()
    finally:
        await stream.aclose()


def _pass_over(_: Partial | Utterance) -> None:
    """What is provisional, or comes once more at the end."""
