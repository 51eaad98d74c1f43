"""JSON on its way into a jsonb column."""

import json
from typing import Any

from psycopg.types.json import Jsonb


def jsonb(value: Any) -> Jsonb:
    """Wrap a JSON value. NUL characters, which PostgreSQL cannot store, are left out: they may come in with a
    client's words and must not keep a session from being stored."""
    return Jsonb(value, dumps=_dumps)


def storable_text(text: str) -> str:
    """Return the text without NUL characters."""
    return text.replace("\x00", "")


def _dumps(value: Any) -> str:
    dumped = json.dumps(value, separators=(",", ":"))
    if "\\u0000" not in dumped:
        return dumped
    return json.dumps(_without_nul(value), separators=(",", ":"))


def _without_nul(value: Any) -> Any:
    match value:
        case str():
            return storable_text(value)
        case dict():
            return {storable_text(key): _without_nul(item) for key, item in value.items()}
        case list() | tuple():
            return [_without_nul(item) for item in value]
        case _:
            return value
