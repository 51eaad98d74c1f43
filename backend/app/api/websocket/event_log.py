"""The durable events of one session as its connections tail them: a tail in memory, the rest in the store."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import msgspec

from app.services.session_store import StoredEvent

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """A stored event as it goes over the wire."""

    seq: int
    type: str
    data: bytes

    @classmethod
    def of(cls, event: StoredEvent) -> "LoggedEvent":
        """Encode a stored event together with its number."""
        return cls(event.seq, event.type, _encode({**event.payload, "seq": event.seq}))


class EventLog:
    """Append-only; only what the store has accepted is ever put here.

    `read(seq, limit)` fetches stored events with a greater number, for readers that are behind the tail.
    """

    def __init__(
        self,
        read: Callable[[int, int], Awaitable[list[StoredEvent]]],
        *,
        last_seq: int = 0,
        tail_bytes: int = 48 * 1024,
    ) -> None:
        self._read = read
        self._tail: list[LoggedEvent] = []
        self._bytes = 0
        self._max_bytes = tail_bytes
        self._followers: list[Callable[[], None]] = []
        self.last_seq = last_seq

    def release(self, events: Sequence[StoredEvent]) -> None:
        """Append events that are stored; those already here are skipped. Raises ValueError for a gap.

        Of those from before at most `tail_bytes` stay in memory.
        """
        while self._bytes > self._max_bytes:
            self._bytes -= len(self._tail.pop(0).data)
        for event in events:
            if event.seq <= self.last_seq:
                continue
            if event.seq != self.last_seq + 1:
                raise ValueError(f"Event {event.seq} does not follow {self.last_seq}.")
            logged = LoggedEvent.of(event)
            self._tail.append(logged)
            self._bytes += len(logged.data)
            self.last_seq = event.seq
        for wake in self._followers:
            wake()

    async def after(self, seq: int, limit: int = 100) -> list[LoggedEvent]:
        """Return up to `limit` events that follow `seq`, in order."""
        if seq >= self.last_seq:
            return []
        if self._tail and self._tail[0].seq <= seq + 1:
            skip = seq + 1 - self._tail[0].seq
            return self._tail[skip : skip + limit]
        # An event stored but not yet released must not overtake the release.
        return [LoggedEvent.of(e) for e in await self._read(seq, limit) if e.seq <= self.last_seq]

    def remembers(self, seq: int) -> bool:
        """Whether everything after `seq` is at hand without asking the store."""
        return seq >= self.last_seq or bool(self._tail and self._tail[0].seq <= seq + 1)

    async def gone_until(self, seq: int) -> int | None:
        """Return up to which number the events after `seq` have been removed; None when none is missing."""
        if self.remembers(seq):
            return None
        following = await self._read(seq, 1)
        first = following[0].seq if following else self.last_seq + 1
        return None if first == seq + 1 else first - 1

    def has(self, type_: str) -> bool:
        """Whether an event of the type is among the latest."""
        return any(event.type == type_ for event in self._tail)

    async def refresh(self, reached: int) -> None:
        """Take in what others have appended to the stored log, which is known to have `reached` a number."""
        while events := await self._read(self.last_seq, 100):
            if not self._tail:
                self.last_seq = events[0].seq - 1  # what lay before has been removed
            self.release(events)
        self.last_seq = max(self.last_seq, reached)

    def follow(self, wake: Callable[[], None]) -> None:
        """Call `wake` after every release."""
        self._followers.append(wake)

    def unfollow(self, wake: Callable[[], None]) -> None:
        """Stop calling `wake`."""
        if wake in self._followers:
            self._followers.remove(wake)
