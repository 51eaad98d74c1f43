"""Something to say, and where in it there is speech."""

from dataclasses import dataclass

from app.services.speech.types import BYTES_PER_MS

_BYTES_PER_SAMPLE = 2

Span = tuple[int, int]
"""A stretch of samples, the end exclusive."""


@dataclass(frozen=True, slots=True)
class Speech:
    """Something to say: 16 kHz mono PCM16.

    `spans` says in which samples there is speech and not the silence around and within it, in order and apart
    from each other; None means in all of them.
    """

    pcm: bytes
    spans: tuple[Span, ...] | None = None

    @property
    def duration_ms(self) -> int:
        """Length in milliseconds, rounded down."""
        return len(self.pcm) // BYTES_PER_MS

    @property
    def spoken(self) -> tuple[Span, ...]:
        """The samples that are speech."""
        if self.spans is not None:
            return self.spans
        return ((0, len(self.pcm) // _BYTES_PER_SAMPLE),) if self.pcm else ()
