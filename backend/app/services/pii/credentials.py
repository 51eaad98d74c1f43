"""Keys, tokens and passwords in text that is about to be logged or reported."""

import re

HIDDEN = "[SECRET]"

_TOKEN = re.compile(
    r"\beyJ[\w-]{6,}(?:\.[\w-]*){1,2}"  # a JSON Web Token, whole or cut short
    r"|\b(?:sb_(?:secret|publishable)_|sk-|AIza|ya29\.)[\w-]{8,}"
)
_IN_ADDRESS = re.compile(r"(?<=://)[^\s/@]+@")
_NAMED = re.compile(
    r"(?P<name>\b(?:bearer|basic)\s+"
    r"|\b\w*(?:password|passwd|secret|token|api_?key|apikey|authorization|ticket)\w*[\"']?\s*[=:]\s*"
    r"|[?&]key=)(?P<value>(?:bearer\s+)?[\"']?[^\s\"',;&)}\]]{3,})",
    re.IGNORECASE,
)


def without_credentials(text: str) -> str:
    """Return `text` with a placeholder for what opens doors; names of fields stay."""
    text = _TOKEN.sub(HIDDEN, text)
    text = _IN_ADDRESS.sub(f"{HIDDEN}@", text)
    return _NAMED.sub(rf"\g<name>{HIDDEN}", text)
