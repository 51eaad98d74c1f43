"""The log's tail in memory: what is new is at hand whole, of what is older only the last."""

from app.api.websocket.event_log import EventLog
from app.services.session_store import StoredEvent


def event(seq: int) -> StoredEvent:
    return StoredEvent(seq, "note", {"text": "x" * 100})


class Store:
    """Holds everything, and counts who asks."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    async def read(self, seq: int, limit: int) -> list[StoredEvent]:
        self.asked.append(seq)
        return [event(number) for number in range(seq + 1, 41)][:limit]


async def test_whoever_keeps_up_never_waits_for_the_store_however_much_comes_at_once() -> None:
    store = Store()
    log = EventLog(store.read, tail_bytes=300)
    log.release([event(seq) for seq in range(1, 21)])
    assert [logged.seq for logged in await log.after(0)] == list(range(1, 21))
    log.release([event(seq) for seq in range(21, 41)])
    assert [logged.seq for logged in await log.after(20)] == list(range(21, 41))
    assert store.asked == []


async def test_of_what_is_older_the_last_is_at_hand_and_the_rest_is_read() -> None:
    store = Store()
    log = EventLog(store.read, tail_bytes=300)
    for seq in range(1, 41):
        log.release([event(seq)])
    assert log.remembers(37)
    assert [logged.seq for logged in await log.after(37)] == [38, 39, 40]
    assert store.asked == []
    assert not log.remembers(30)
    assert [logged.seq for logged in await log.after(30)] == list(range(31, 41))
    assert store.asked == [30]
