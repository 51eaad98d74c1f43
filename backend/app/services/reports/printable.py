"""Text that the report's fonts can show. An accessible PDF must not hold a character without a glyph."""

import re
import unicodedata

MAX_CHARS = 600
_SUBSTITUTE = "\u25a1"
# Out of what the bundled Libertinus Serif covers: Latin with the Uzbek letters, IPA, Greek, Cyrillic and the
# punctuation of prose. A test sets every one of these.
_SHOWN = re.compile(
    "[\u0020-\u007e\u00a0-\u017f\u0192\u0218-\u021b\u0250-\u02af\u02b0-\u02e4\u0391-\u03a1\u03a3-\u03c9"
    "\u0400-\u045f\u0490-\u0493\u049a-\u049b\u04b2-\u04b3\u2010-\u2015\u2018-\u201e\u2020-\u2022\u2026"
    "\u2030\u2032\u2033\u2039\u203a\u20ac\u2116\u2122\u2190-\u2193\u2212\u25a1]"
)
_SPACE = re.compile(r"[\s\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


def printable(text: str, limit: int = MAX_CHARS) -> str:
    """Return `text` in one line of at most `limit` characters, with a box for what has no glyph."""
    composed = unicodedata.normalize("NFC", _SPACE.sub(" ", text)).strip()
    shown = "".join(c if _SHOWN.match(c) else _SUBSTITUTE for c in composed if not _is_control(c))
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…"


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs"}
