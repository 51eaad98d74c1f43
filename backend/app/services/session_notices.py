"""Word that something about a session has changed in the database, so that nobody waits for the next look.

A notice hurries and decides nothing: whoever hears one looks in the database, and whoever would hear one
looks there now and then anyway, because notices may be lost.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Change(StrEnum):
    """What has changed."""

    LOG_GREW = "log_grew"
    WANTED = "wanted"
    ENDED = "ended"
    JOB_QUEUED = "job_queued"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Notice:
    """One change of one session."""

    change: Change
    session_id: UUID


Listener = Callable[[Notice], None]


class SessionNotices:
    """The notices of a process: to its own parts at once, to other processes over what is bridged to it.

    Listeners are called on the event loop and must not block.
    """

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._bridges: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Call `listener` with every notice, of this process or another."""
        self._listeners.append(listener)

    def bridge(self, forward: Listener) -> None:
        """Call `forward` with every notice of this process, for others to hear."""
        self._bridges.append(forward)

    def publish(self, change: Change, session_id: UUID) -> None:
        """Say what this process has changed."""
        notice = Notice(change, session_id)
        self.deliver(notice)
        for forward in self._bridges:
            forward(notice)

    def deliver(self, notice: Notice) -> None:
        """Pass on a notice to the listeners here."""
        for listener in self._listeners:
            listener(notice)
