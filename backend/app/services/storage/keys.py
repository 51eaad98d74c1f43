"""What a blob may be called. Pure."""

import re

MAX_KEY = 512
_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class InvalidKey(ValueError):
    """The name cannot be a key, or leads out of the store."""


def checked_key(key: str) -> str:
    """Return `key` if it is one: segments of letters, digits, '.', '_' and '-' joined by '/'.

    A segment starts with a letter or digit, so no key is absolute, hidden or climbs. Raises InvalidKey.
    """
    if len(key) > MAX_KEY or not all(_SEGMENT.fullmatch(segment) for segment in key.split("/")):
        raise InvalidKey(f"Not a key: {key[:80]!r}; use letters, digits, '.', '_' and '-' between slashes.")
    return key


def checked_folder(prefix: str) -> str:
    """Return `prefix` if it is a key followed by '/'. Raises InvalidKey."""
    if not prefix.endswith("/"):
        raise InvalidKey(f"Not a folder: {prefix[:80]!r}; end it with '/'.")
    return checked_key(prefix[:-1]) + "/"
