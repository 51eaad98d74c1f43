"""The opaque cursor of a paged list: a place in it, packed for a URL."""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.services.session_archive import Position

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIME_BYTES = 8


class CursorInvalid(ValueError):
    """The text is no cursor of ours."""


def encode_cursor(position: Position) -> str:
    """Return the position as URL-safe text."""
    micros = (position.created_at - _EPOCH) // timedelta(microseconds=1)
    packed = micros.to_bytes(_TIME_BYTES, "big", signed=True) + position.id.bytes
    return base64.urlsafe_b64encode(packed).decode()


def decode_cursor(text: str) -> Position:
    """Return the position that `encode_cursor` packed. Raises CursorInvalid."""
    try:
        packed = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
        micros = int.from_bytes(packed[:_TIME_BYTES], "big", signed=True)
        return Position(_EPOCH + timedelta(microseconds=micros), UUID(bytes=packed[_TIME_BYTES:]))
    except (UnicodeEncodeError, binascii.Error, ValueError, OverflowError) as invalid:
        raise CursorInvalid("not a cursor") from invalid
