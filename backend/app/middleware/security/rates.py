"""How often something may happen: the generic cell rate algorithm. Pure.

The algorithm keeps one moment for a caller: when all of what was spent will have come back (ITU-T I.371,
where it is the theoretical arrival time). A caller may spend a whole quota at once, and then as fast as it
comes back, evenly over the window.
"""

import math
import re
from dataclasses import dataclass

_WRITTEN = re.compile(r"([1-9]\d{0,8})/([1-9]\d{0,5})")


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests, `quota`, in `window_s` seconds."""

    quota: int
    window_s: int

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Read `requests/seconds`, such as 300/60. Raises ValueError."""
        written = _WRITTEN.fullmatch(text)
        if written is None:
            raise ValueError(f"{text!r} is no rate; write requests/seconds, such as 300/60")
        return cls(int(written[1]), int(written[2]))

    def times(self, factor: int) -> "Rate":
        """Return the rate for so many callers together."""
        return Rate(self.quota * factor, self.window_s)

    @property
    def spacing_s(self) -> float:
        """Seconds in which one request comes back."""
        return self.window_s / self.quota

    def spend(self, full_at: float, now: float) -> "Spent":
        """Take one request; `full_at` is when the quota was to be whole again, both in seconds."""
        after = max(full_at, now) + self.spacing_s
        wait_s = after - now - self.window_s
        # A request that is due at this very moment must not fail by a rounding error.
        if wait_s > 1e-6:
            return Spent(False, full_at, 0, wait_s)
        left = math.floor((self.window_s - (after - now)) / self.spacing_s + 1e-6)
        return Spent(True, after, left, after - now)


@dataclass(frozen=True, slots=True)
class Spent:
    """What became of a request: whether it is `allowed`, and how many `left` after it.

    `full_at` is to be kept. `seconds` is how long until the next one is allowed after a refusal, and until
    the whole quota is there again otherwise.
    """

    allowed: bool
    full_at: float
    left: int
    seconds: float
