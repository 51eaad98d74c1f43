"""Where a session is reached: by its connections, the worker that analysed it, the process that stops."""

from collections.abc import Awaitable
from dataclasses import dataclass
from uuid import UUID

from app.api.websocket import admission
from app.api.websocket.clock import Clock
from app.api.websocket.connection import Connection
from app.api.websocket.inbox import Inbox
from app.api.websocket.protocol import AudioFrame, ClientMessage, ProtocolError

Incoming = ClientMessage | AudioFrame
"""What a client sends once it is known who it is."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A new connection took the place of the one before, if there was one."""

    connection: Connection


@dataclass(frozen=True, slots=True)
class Detached:
    """The current connection is gone."""


@dataclass(frozen=True, slots=True)
class Received:
    """The current connection's client sent something."""

    connection: Connection
    item: Incoming


@dataclass(frozen=True, slots=True)
class LogGrew:
    """Somebody else has appended to the stored log."""


@dataclass(frozen=True, slots=True)
class StopRequested:
    """The process wants to stop."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Another process asks for the session."""


Mail = Attached | Detached | Received | LogGrew | StopRequested | Wanted


class Mailbox:
    """The session's one inbox, and the one connection that may use it. A newer connection supersedes."""

    def __init__(self, session_id: UUID, user_id: UUID, clock: Clock, *, max_bytes: int) -> None:
        self.id = session_id
        self.user_id = user_id
        self.connection: Connection | None = None
        self.stopping = False
        self._inbox: Inbox[Mail] = Inbox(clock, max_bytes)
        self._closed = False
        self._clock = clock
        self._attached_at_ms = 0
        self._not_asked_at_ms = 0
        self._asked_for: str | None = None

    @property
    def waiting_bytes(self) -> int:
        """What clients have sent and the session has not yet taken."""
        return self._inbox.waiting_bytes

    def attach(self, connection: Connection) -> None:
        """Let a connection in."""
        if self._closed:
            connection.refuse(self._farewell(self._clock.now_ms()))
            return
        if self.connection is not None:
            by_itself = self.connection.is_of(connection.client)
            self.connection.refuse(admission.superseded(by_itself=by_itself))
        self.connection = connection
        self._attached_at_ms = self._clock.now_ms()
        self._inbox.post(Attached(connection))

    def detach(self, connection: Connection) -> None:
        """The connection is gone; nothing happens if it was superseded before."""
        if connection is self.connection:
            self.connection = None
            self._inbox.post(Detached())

    async def receive(self, connection: Connection, item: Incoming, size: int) -> None:
        """Take what a client sent; waits while the session has too much to do."""
        if connection is self.connection and not self._closed:
            await self._inbox.put(Received(connection, item), size)

    def notify(self) -> None:
        """Say that the stored log has grown."""
        self._inbox.post(LogGrew())

    def stop(self) -> None:
        """Ask the session to come to its end."""
        self.stopping = True
        self._inbox.post(StopRequested())

    def hand_over(self, client: str | None, not_asked_at_ms: int) -> None:
        """Ask the session to let go for a client of another process, which did not want it yet at
        `not_asked_at_ms`."""
        self._asked_for, self._not_asked_at_ms = client, not_asked_at_ms
        self._inbox.post(Wanted())

    def wake(self) -> None:
        """Let the session look at its deadlines again."""
        self._inbox.wake()

    def wait(self, until_ms: int | None) -> Awaitable[None]:
        """Return when there is mail, the session was woken, or `until_ms` has come."""
        return self._inbox.wait(until_ms)

    def take(self) -> Mail | None:
        """Return the next mail, leaving out what a superseded client sent; None when there is no more."""
        while (mail := self._inbox.take()) is not None:
            if not isinstance(mail, Received) or mail.connection is self.connection:
                return mail
        return None

    def close(self, why: ProtocolError | None = None) -> None:
        """Take nothing any more; a connection that is still there is told why."""
        self._closed = True
        self._inbox.close()
        if self.connection is not None and self.connection.closing is None:
            self.connection.refuse(why or self._farewell(self._attached_at_ms))

    def _farewell(self, attached_at_ms: int) -> ProtocolError:
        """A connection that was here before another client reached another process is the older one. Of one
        that came later that is not known: it may come back."""
        if self.stopping:
            return admission.stopping()
        if attached_at_ms >= self._not_asked_at_ms:
            return admission.moved()
        assert self.connection is not None
        return admission.superseded(by_itself=self.connection.is_of(self._asked_for))
