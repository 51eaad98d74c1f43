"""How words are pronounced: hibari's dictionary, and its small net for words that are not in it."""

import threading
from typing import Any

from app.services.pronunciation_engine.learned.inventory import from_misaki
from app.services.pronunciation_engine.learned.types import Phone


class HibariLexicon:
    """The loaded dictionary, General American; calls take turns."""

    def __init__(self) -> None:
        """Load the dictionary. Blocks for about a second."""
        from hibari.g2p import G2P  # noqa: PLC0415 - heavy, off the event loop
        from hibari.g2p.normalize import normalize  # noqa: PLC0415

        self._g2p: Any = G2P()
        self._normalise: Any = normalize
        self._turn = threading.Lock()

    def words(self, text: str) -> tuple[tuple[str, tuple[Phone, ...]], ...]:
        """Return the words of `text` with their phones; numbers and signs are read out as words."""
        with self._turn:
            tokens = self._g2p.phonemize_tokens(self._g2p.tokenize(self._normalise(text.strip())))
        found = ((token.text, from_misaki(token.phonemes or "")) for token in tokens)
        return tuple((word, phones) for word, phones in found if phones)
