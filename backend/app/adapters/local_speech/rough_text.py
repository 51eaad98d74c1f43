"""The provisional text of the utterance being spoken, decoded window by window. Pure.

A partial may look at the last seconds only, so what lies before its window is kept as text: as the window
grows old, the words in its first half are settled and the window begins after them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.services.speech import Word

MAX_WINDOW_MS = 8_000
SETTLE_AFTER_MS = 6_000
KEEP_MS = 3_000


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch a partial decodes, in session milliseconds."""

    from_ms: int
    to_ms: int


class RoughText:
    """Settled words, and the words of the newest window after them."""

    def __init__(self, start_ms: int) -> None:
        self._settled: list[str] = []
        self._fresh: list[str] = []
        self._from_ms = start_ms

    @property
    def text(self) -> str:
        """The utterance so far."""
        return " ".join([*self._settled, *self._fresh])

    def window(self, now_ms: int) -> Window:
        """Return what to decode at `now_ms`: at most the last 8 s."""
        return Window(max(self._from_ms, now_ms - MAX_WINDOW_MS), now_ms)

    def accept(self, window: Window, words: Sequence[Word]) -> bool:
        """Take the words decoded from `window`; their times count from its start. False if it is too late."""
        if window.from_ms < self._from_ms:
            return False
        self._fresh = [word.text for word in words]
        if window.to_ms - window.from_ms >= SETTLE_AFTER_MS:
            self._settle_first_half(window, words)
        return True

    def settle(self, text: str, until_ms: int) -> bool:
        """Take `text` as what was said until `until_ms`; the next window begins there. False if too late."""
        if until_ms <= self._from_ms:
            return False
        self._settled = text.split()
        self._fresh = []
        self._from_ms = until_ms
        return True

    def _settle_first_half(self, window: Window, words: Sequence[Word]) -> None:
        keep_from = window.to_ms - window.from_ms - KEEP_MS
        settled = sum(word.start_ms < keep_from for word in words)
        if settled < len(words):
            self._settled += self._fresh[:settled]
            self._fresh = self._fresh[settled:]
            self._from_ms = window.from_ms + words[settled].start_ms
