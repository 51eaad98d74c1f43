"""An exception in words that may be kept: where it arose and what it says, but nobody's data.

Messages of libraries quote what they could not use: a row, a field, a sentence that somebody has said. What
stands in quotes is left out unless it looks like a name in code; so are the parts of a message that exist to
show the data. Local variables are never looked at.
"""

import re
import traceback
from collections.abc import Iterator

from app.services.pii import redacted, without_credentials

MAX_MESSAGE = 500
MAX_FRAMES = 40
MAX_CHAIN = 6
LEFT_OUT = "…"

_QUOTED = re.compile(r"'([^'\n]*)'|\"([^\"\n]*)\"|“([^”\n]*)”|«([^»\n]*)»")
_IN_CODE = re.compile(r"[a-z0-9_.:/{}<>*-]{0,60}")
_SHOWS_DATA = re.compile(
    r"^(?:DETAIL|CONTEXT|HINT|LINE \d+):.*$|\binput_value=.*$|\[parameters: .*$", re.MULTILINE | re.IGNORECASE
)


def message_of(error: BaseException) -> str:
    """Return what the exception says, without what it quotes; at most MAX_MESSAGE characters."""
    try:
        said = str(error)
    except Exception:  # noqa: BLE001 - whatever a foreign exception does when it is asked to speak
        return LEFT_OUT
    return harmless(said)


def harmless(message: str) -> str:
    """Return a message without what it quotes, and without what tells who somebody is."""
    text = _SHOWS_DATA.sub(LEFT_OUT, message[: 4 * MAX_MESSAGE])
    text = redacted(without_credentials(_QUOTED.sub(_unless_code, text)))
    return text if len(text) <= MAX_MESSAGE else text[:MAX_MESSAGE] + LEFT_OUT


def exception_text(error: BaseException) -> str:
    """Return a traceback without values, causes first, members of groups indented."""
    return "\n".join(_lines(error, MAX_CHAIN))


def _lines(error: BaseException, depth: int) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and depth > 0:
        yield from _lines(before, depth - 1)
        yield "which led to:"
    if error.__traceback__ is not None:
        frames = traceback.extract_tb(error.__traceback__)[-MAX_FRAMES:]
        yield "Traceback (most recent call last):"
        yield from (line.rstrip("\n") for line in traceback.format_list(frames))
    yield f"{type(error).__qualname__}: {message_of(error)}"
    if isinstance(error, BaseExceptionGroup) and depth > 0:
        for member in error.exceptions:
            yield from (f"  | {line}" for line in _lines(member, depth - 1))


def _unless_code(quoted: re.Match[str]) -> str:
    inside = next(group for group in quoted.groups() if group is not None)
    whole = quoted.group()
    return whole if _IN_CODE.fullmatch(inside) else whole[0] + LEFT_OUT + whole[-1]
