"""How long a learner waited for the examiner, and of what the wait was made."""

from dataclasses import dataclass, field
from typing import Protocol

from app.services.flag import Flag


@dataclass(frozen=True, slots=True)
class TurnLatency:
    """From the last sample of speech to the first voice frame sent, in milliseconds.

    `total_ms` = `silence_ms` (waiting whether the learner goes on) + `transcript_ms` (the final transcript)
    + `reply_ms` (the first sound of the next line). `voice_ms` is the share of `reply_ms` after the line was
    chosen.
    """

    part: int | None
    silence_ms: int
    transcript_ms: int
    reply_ms: int
    voice_ms: int = 0

    @property
    def total_ms(self) -> int:
        """The whole wait."""
        return self.silence_ms + self.transcript_ms + self.reply_ms


class Meter(Protocol):
    """Whoever counts what happens in sessions."""

    def session_started(self, mode: str) -> None:
        """An exam has begun."""
        ...

    def session_ended(self, mode: str, reason: str) -> None:
        """An exam is over."""
        ...

    def session_resumed(self) -> None:
        """A client has come back to its session."""
        ...

    def turn_answered(self, latency: TurnLatency) -> None:
        """The examiner has replied to an answer."""
        ...

    def reply_played(self, after_ms: int) -> None:
        """The client has begun to play a line, so long after its first frame was sent."""
        ...

    def cut_off(self, part: int | None) -> None:
        """A turn was taken as over too early: the learner went on at once."""
        ...

    def refused(self, code: str) -> None:
        """A client was told of an error with this code."""
        ...

    def queued(self, inbound: int, outbound: int) -> None:
        """So many bytes wait for sessions, and so many for clients, in all of this process."""
        ...


class NoMeter:
    """Counts nothing."""

    def session_started(self, mode: str) -> None:
        """Do nothing."""

    def session_ended(self, mode: str, reason: str) -> None:
        """Do nothing."""

    def session_resumed(self) -> None:
        """Do nothing."""

    def turn_answered(self, latency: TurnLatency) -> None:
        """Do nothing."""

    def reply_played(self, after_ms: int) -> None:
        """Do nothing."""

    def cut_off(self, part: int | None) -> None:
        """Do nothing."""

    def refused(self, code: str) -> None:
        """Do nothing."""

    def queued(self, inbound: int, outbound: int) -> None:
        """Do nothing."""


@dataclass(slots=True)
class LatencyWatch:
    """Measures one wait after the other; instants are those of the session's clock."""

    part: int | None = None
    spoke_until_ms: int | None = None
    ended_ms: int = 0
    transcribed_ms: int | None = None
    _over: Flag = field(default_factory=Flag)

    def __post_init__(self) -> None:
        self._over.set()

    async def until_over(self) -> None:
        """Return once the reply that is waited for has begun, or none is to come; at once if nobody waits."""
        await self._over.wait()

    def answer_ended(self, part: int | None, *, spoke_until_ms: int, now_ms: int) -> None:
        """The turn was taken as over; speech had ended at `spoke_until_ms`."""
        self._over.clear()
        self.part, self.spoke_until_ms, self.ended_ms = part, spoke_until_ms, now_ms
        self.transcribed_ms = None

    def transcribed(self, now_ms: int) -> None:
        """The final transcript is there."""
        self.transcribed_ms = now_ms

    def replied(self, now_ms: int, *, said_at_ms: int) -> TurnLatency | None:
        """The first sound of a line, chosen at `said_at_ms`, was sent; return the wait it ended, if any."""
        if self.spoke_until_ms is None or self.transcribed_ms is None:
            return None
        latency = TurnLatency(
            self.part,
            silence_ms=self.ended_ms - self.spoke_until_ms,
            transcript_ms=self.transcribed_ms - self.ended_ms,
            reply_ms=now_ms - self.transcribed_ms,
            voice_ms=now_ms - max(said_at_ms, self.transcribed_ms),
        )
        self.forget()
        return latency

    def forget(self) -> None:
        """The wait is over, or was not an ordinary one (cut answer, lost connection): do not count it."""
        self.spoke_until_ms = self.transcribed_ms = None
        self._over.set()
