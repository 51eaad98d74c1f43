"""Cursors come back as they went."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.cursor import CursorInvalid, decode_cursor, encode_cursor
from app.services.session_archive import Position


@given(st.datetimes(timezones=st.just(UTC)), st.uuids())
def test_there_and_back(created_at: datetime, identifier: UUID) -> None:
    cursor = encode_cursor(Position(created_at, identifier))
    assert decode_cursor(cursor) == Position(created_at, identifier)
    assert cursor.isascii()
    assert len(cursor) <= 64


@given(st.one_of(st.text(), st.binary().map(bytes.hex), st.text("ABCDabcd0123-_=", min_size=30, max_size=34)))
def test_anything_else_is_refused_as_such(text: str) -> None:
    try:
        position = decode_cursor(text)
    except CursorInvalid:
        return
    assert decode_cursor(encode_cursor(position)) == position


def test_times_beyond_the_calendar_are_refused() -> None:
    with pytest.raises(CursorInvalid):
        decode_cursor("f" * 32)
