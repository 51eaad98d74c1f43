"""A client's socket as its session sees it: an outbox, a place in the log, and a way to end it."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import msgspec

from app.api.websocket.clock import Clock
from app.api.websocket.codec import encode_event
from app.api.websocket.event_log import EventLog
from app.api.websocket.latency import Meter, NoMeter
from app.api.websocket.playback import Playback
from app.api.websocket.protocol import CloseCode, ErrorEvent, ProtocolError, ServerEvent
from app.services.flag import Flag


@dataclass(frozen=True, slots=True)
class Closing:
    """How the connection is to end. With `after_seq` everything up to that event is sent first."""

    code: CloseCode
    reason: str
    after_seq: int = 0


class Connection:
    """Filled by the session, emptied by the connection's one writer. Nothing here waits.

    What is sent three ways: `send` in order and at once, `offer` only the latest of its kind and never ahead
    of the log, and the log itself from `cursor` on once the client has joined. `client` is the name that the
    client has given itself, if any.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        max_bytes: int,
        max_errors: int,
        meter: Meter | None = None,
        client: str | None = None,
    ) -> None:
        self.id = uuid4().hex[:12]
        self.client = client
        self.cursor = 0
        self.log: EventLog | None = None
        self.voice: Playback | None = None
        self.closing: Closing | None = None
        self.audio_configured = False
        self.sends_marks = False
        self.on_voice: Callable[[], None] | None = None
        self._clock = clock
        self._max_bytes = max_bytes
        self._max_errors = max_errors
        self._meter = meter or NoMeter()
        self._errors = 0
        self._told: list[str] = []
        self._queue: list[bytes] = []
        self._queued = 0
        self._latest: dict[str, tuple[int, ServerEvent]] = {}
        self._pulse = Flag()

    @property
    def queued_bytes(self) -> int:
        """What `send` has queued and the client has not yet read."""
        return self._queued

    @property
    def joined(self) -> bool:
        """Whether the client has started or resumed the session on this connection."""
        return self.log is not None

    def is_of(self, client: str | None) -> bool:
        """Whether it was opened by the client of this name; a client without a name is never known again."""
        return client is not None and client == self.client

    def join(self, log: EventLog, after_seq: int) -> None:
        """Let the client follow the log behind `after_seq`."""
        self.log = log
        self.cursor = after_seq
        log.follow(self.wake)
        self.wake()

    def leave(self) -> None:
        """The socket is gone."""
        if self.log is not None:
            self.log.unfollow(self.wake)

    def send(self, event: ServerEvent) -> None:
        """Queue an event for this client only."""
        data = encode_event(self._stamp(event))
        if self._queued + len(data) > self._max_bytes:
            self.close(CloseCode.SLOW_OR_IDLE, "The client does not read what it is sent.")
            return
        self._queue.append(data)
        self._queued += len(data)
        self.wake()

    def offer(self, key: str, event: ServerEvent, *, after_seq: int = 0) -> None:
        """Queue a passing event in the place of an older one with the same key.

        It is sent once the client has had the log up to `after_seq`.
        """
        self._latest.pop(key, None)
        self._latest[key] = (after_seq, event)
        self.wake()

    def withdraw(self, key: str) -> None:
        """Drop a passing event that is out of date."""
        self._latest.pop(key, None)

    def speak(self, voice: Playback | None) -> None:
        """Let the writer send this line's voice, from where it was heard last; None for silence."""
        self.voice = voice
        self.wake()

    def refuse(self, error: ProtocolError, *, ref: str | None = None) -> None:
        """Tell the client what was wrong; close when it is fatal or one too many of the client's own."""
        self._meter.refused(error.code)
        self._errors += error.blame != "server"
        one_too_many = self._errors >= self._max_errors
        fatal = error.fatal or one_too_many
        self.send(
            ErrorEvent(
                code=error.code,
                class_=error.blame,
                message=error.message,
                fatal=fatal,
                retryable=error.retry_after_ms is not None,
                retry_after_ms=error.retry_after_ms,
                ref_event_id=ref,
            )
        )
        if error.fatal:
            self.close(error.close, error.code)
        elif one_too_many:
            self.close(CloseCode.PROTOCOL, "Too many errors.")

    def refuse_once(self, error: ProtocolError, *, ref: str | None = None) -> None:
        """Tell the client what is wrong unless it has been told: it may repeat itself before it hears."""
        if error.code not in self._told:
            self._told.append(error.code)
            self.refuse(error, ref=ref)

    def close(self, code: CloseCode, reason: str, *, after_seq: int = 0) -> None:
        """End the connection once the outbox is empty and the log was sent up to `after_seq`.

        A close that need not wait for the log replaces one that does.
        """
        if self.closing is None or (self.closing.after_seq and not after_seq):
            self.closing = Closing(code, reason, after_seq)
        self.wake()

    # --- the writer's side ------------------------------------------------------------------------------

    def take_queued(self) -> bytes | None:
        """Return the next event queued by `send`."""
        if not self._queue:
            return None
        data = self._queue.pop(0)
        self._queued -= len(data)
        return data

    def take_latest(self) -> bytes | None:
        """Return the next passing event whose place in the log has been reached."""
        for key, (after_seq, event) in self._latest.items():
            if after_seq <= self.cursor:
                del self._latest[key]
                return encode_event(self._stamp(event))
        return None

    def wake(self) -> None:
        """Let the writer look again."""
        self._pulse.set()

    async def wait(self, until_ms: int | None) -> None:
        """Return when something may have changed, or at `until_ms`."""
        timer = None if until_ms is None else self._clock.call_at(until_ms, self._pulse.set)
        try:
            await self._pulse.wait()
        finally:
            if timer is not None:
                timer.cancel()
        self._pulse.clear()

    def _stamp(self, event: ServerEvent) -> ServerEvent:
        return msgspec.structs.replace(event, ts=self._clock.unix_ms())
