"""Events that the server has not acknowledged yet."""

import pytest

from app.api.websocket.protocol import SessionEnd, SessionStart
from client.unacknowledged import TooManyUnacknowledged, UnacknowledgedEvents


def test_events_keep_their_place_in_the_signal_and_are_bounded() -> None:
    said = UnacknowledgedEvents(max_events=2)
    said.number(SessionStart(), 0)
    said.number(SessionEnd(), 400)
    with pytest.raises(TooManyUnacknowledged):
        said.number(SessionEnd(), 400)
    first = said.next(0)
    assert first is not None
    assert first.seq == 1
    assert said.next(399) is None
    said.acknowledged(1)
    said.rewind()
    end = said.next(400)
    assert end is not None
    assert end.seq == 2
    assert said.next(400) is None
