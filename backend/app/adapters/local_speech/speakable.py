"""From any text to pieces that the voice can speak in bounded time. Pure."""

import unicodedata
from collections.abc import Iterable

from app.services.speech import SynthesisFailed

MAX_CHARACTERS = 2_000
"""About two minutes of speech; no line of an examiner comes near it."""

MAX_PIECE = 240
"""The voice computes a piece at once: about 15 s of sound."""


def speakable(text: str) -> str:
    """Return `text` without control and format characters, single-spaced; '' if no letter or digit is left.

    Raises SynthesisFailed when it is too long.
    """
    if len(text) > MAX_CHARACTERS:
        raise SynthesisFailed(f"At most {MAX_CHARACTERS} characters can be spoken at once.")
    visible = "".join(" " if unicodedata.category(c).startswith("C") else c for c in text)
    plain = " ".join(visible.split())
    return plain if any(c.isalnum() for c in plain) else ""


def pieces(sentences: Iterable[str]) -> list[str]:
    """Split sentences that are too long at spaces, or within a word where there is none."""
    return [piece for sentence in sentences for piece in _split(sentence)]


def _split(sentence: str) -> list[str]:
    split = []
    while len(sentence) > MAX_PIECE:
        at = sentence.rfind(" ", 1, MAX_PIECE + 1)
        at = at if at > 0 else MAX_PIECE
        split.append(sentence[:at])
        sentence = sentence[at:].strip()
    return [*split, sentence] if sentence else split
