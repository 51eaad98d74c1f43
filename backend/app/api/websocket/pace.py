"""How fast a client is read: no faster than any honest one would send."""

from collections.abc import Iterable, Sized

LEAST_COST = 256
"""Bytes that even an empty message counts for: it takes our time all the same."""


class Pace:
    """A bucket of bytes that fills evenly. Pure; instants in milliseconds.

    A client that empties it is read more slowly, so that its own socket fills up and nobody else waits.
    """

    def __init__(self, *, bytes_per_s: int, burst: int, now_ms: int) -> None:
        self._bytes_per_s = bytes_per_s
        self._burst = burst
        self._left = float(burst)
        self._at_ms = now_ms

    def spend(self, messages: Iterable[Sized], now_ms: int) -> int:
        """Take messages; return how many milliseconds to wait before reading on."""
        filled = self._left + (now_ms - self._at_ms) * self._bytes_per_s / 1000
        cost = 0
        for message in messages:
            cost += max(len(message), LEAST_COST)
        self._left = min(self._burst, filled) - cost
        self._at_ms = now_ms
        return 0 if self._left >= 0 else int(-self._left * 1000 / self._bytes_per_s) + 1
