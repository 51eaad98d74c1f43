"""Long texts in pieces that the model can read, each word judged once and with words around it."""

from collections.abc import Iterator
from dataclasses import dataclass

SIZE = 64
"""Words the model reads at once; it was fitted on at most 60."""

AROUND = 12
"""Words read on either side of those that are judged."""


@dataclass(frozen=True, slots=True)
class Window:
    """Words `first` (inclusive) to `last` (exclusive) are read; of them `start` to `end` are judged."""

    first: int
    last: int
    start: int
    end: int


def windows(words: int) -> Iterator[Window]:
    """Yield windows over a text of so many words; what they judge covers it without overlap."""
    if words <= SIZE:
        if words:
            yield Window(0, words, 0, words)
        return
    step = SIZE - 2 * AROUND
    for start in range(0, words, step):
        end = min(words, start + step)
        yield Window(max(0, start - AROUND), min(words, end + AROUND), start, end)
