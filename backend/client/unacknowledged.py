"""What the client has said and the server has not confirmed yet. Pure."""

from collections import deque

import msgspec

from app.api.websocket.protocol import AudioCommit, Ready, SessionEnd, SessionStart, TurnNext, TurnRetry
from client.errors import ClientError

MAX_EVENTS = 256

NumberedMessage = SessionStart | AudioCommit | SessionEnd | Ready | TurnRetry | TurnNext
"""The events that must not be lost: they carry a `seq` and are sent again after a cut."""


class TooManyUnacknowledged(ClientError):
    """The server has confirmed nothing for so long that no more can be promised."""


class UnacknowledgedEvents:
    """Numbers the client's durable events from 1 and keeps each until the server's `ack` reaches it."""

    def __init__(self, *, max_events: int = MAX_EVENTS) -> None:
        self._max_events = max_events
        self._waiting: deque[tuple[int, NumberedMessage]] = deque()
        self._sent = 0
        self._last_seq = 0

    def number(self, event: NumberedMessage, at_ms: int) -> None:
        """Number the event and keep it; it belongs to microphone position `at_ms`.

        Raises TooManyUnacknowledged.
        """
        if len(self._waiting) >= self._max_events:
            raise TooManyUnacknowledged(f"{self._max_events} events are not acknowledged by the server.")
        self._last_seq += 1
        self._waiting.append((at_ms, msgspec.structs.replace(event, seq=self._last_seq)))

    def next(self, sent_ms: int) -> NumberedMessage | None:
        """Return the next event to send when the signal up to `sent_ms` is sent; None while there is none."""
        if self._sent == len(self._waiting):
            return None
        at_ms, event = self._waiting[self._sent]
        if at_ms > sent_ms:
            return None
        self._sent += 1
        return event

    def acknowledged(self, seq: int) -> None:
        """The server has stored everything up to `seq`."""
        while self._waiting and (self._waiting[0][1].seq or 0) <= seq:
            self._waiting.popleft()
            self._sent = max(0, self._sent - 1)

    def rewind(self) -> None:
        """After a cut: what is not acknowledged is to be sent again."""
        self._sent = 0
