"""How words are pronounced: hibari's dictionary, and its small net for words that are not in it."""

import threading
from functools import cache
from typing import Any

from app.services.pronunciation_engine.learned.inventory import from_misaki
from app.services.pronunciation_engine.learned.types import Phone

_one_at_a_time = threading.Lock()
"""Models are loaded side by side, and a cache alone lets all who come too early make one of their own."""


def american() -> Any:
    """Return the General American dictionary, 75 MB that the whole process shares; it is only read.

    The first call blocks for about a second. Safe to call from several threads.
    """
    with _one_at_a_time:
        return _loaded()


@cache
def _loaded() -> Any:
    from hibari.g2p import G2P  # noqa: PLC0415 - heavy, off the event loop

    return G2P()


class HibariLexicon:
    """The dictionary as phones; may be called from any thread."""

    def __init__(self) -> None:
        """Load the dictionary if nobody has. Blocks for about a second."""
        from hibari.g2p.normalize import normalize  # noqa: PLC0415 - heavy, off the event loop

        self._g2p = american()
        self._normalise: Any = normalize

    def words(self, text: str) -> tuple[tuple[str, tuple[Phone, ...]], ...]:
        """Return the words of `text` with their phones; numbers and signs are read out as words."""
        tokens = self._g2p.phonemize_tokens(self._g2p.tokenize(self._normalise(text.strip())))
        found = ((token.text, from_misaki(token.phonemes or "")) for token in tokens)
        return tuple((word, phones) for word, phones in found if phones)
