"""Whether and when to come back after the connection broke. Pure: the caller waits and connects."""

import random
from dataclasses import dataclass, field

from app.api.websocket.protocol import CloseCode

FIRST_WAIT_S = 0.25
LAST_WAIT_S = 8.0
GIVE_UP_S = 120.0
"""As long as the server keeps an exam waiting for its learner."""

_FINAL = frozenset(
    {
        CloseCode.ENDED,
        CloseCode.NOT_OWNER,
        CloseCode.UNKNOWN_SESSION,
        CloseCode.EXPIRED,
        CloseCode.TOO_BIG,
    }
)


@dataclass(slots=True)
class Reconnect:
    """The rules of the close codes: some are final, two allow a single attempt, one asks the error before it,
    the others wait and return.

    The wait doubles with every attempt that fails and is random between half and all of that, so that the
    clients of a server that restarts do not come back in one moment; what the server asks for is the least.
    After `give_up_s` without a connection there is no further attempt.
    """

    give_up_s: float = GIVE_UP_S
    first_wait_s: float = FIRST_WAIT_S
    last_wait_s: float = LAST_WAIT_S
    dice: random.Random = field(default_factory=random.SystemRandom)
    _lost_at: float | None = None
    _attempts: int = 0
    _protocol_errors: int = 0
    _tokens_refused: int = 0
    _told_s: float | None = None

    @classmethod
    def never(cls) -> "Reconnect":
        """Rules that end with the first connection."""
        return cls(give_up_s=0.0)

    def told(self, after_ms: int) -> None:
        """The server has said when to come back: `session.go_away`, or an error with `retry_after_ms`."""
        self._told_s = after_ms / 1000

    def lost(self, now: float, code: int | None, *, welcome: bool = False) -> bool:
        """A connection broke with this close code, None without one; return whether to come back.

        `welcome` says that the error before it was `retryable`.
        """
        if self._lost_at is None:
            self._lost_at = now
        if code == CloseCode.PROTOCOL:
            self._protocol_errors += 1
        if code == CloseCode.AUTH:
            self._tokens_refused += 1
        if code == CloseCode.SUPERSEDED:
            return welcome and self._may(now)
        forgiven = self._protocol_errors <= 1 and self._tokens_refused <= 1
        return code not in _FINAL and forgiven and self._may(now)

    def wait_s(self, now: float) -> float | None:
        """Return how long to wait before the next attempt; None when it is time to give up."""
        if not self._may(now):
            return None
        longest: float = min(self.last_wait_s, self.first_wait_s * 2**self._attempts)
        self._attempts += 1
        told, self._told_s = self._told_s, None
        return max(longest * self.dice.uniform(0.5, 1.0), told or 0.0)

    def resumed(self) -> None:
        """The session goes on: the next loss starts from the beginning."""
        self._lost_at = None
        self._attempts = self._tokens_refused = 0

    def _may(self, now: float) -> bool:
        return self._lost_at is not None and now - self._lost_at < self.give_up_s
