"""Where it is kept how much everybody has spent: a port, and this process's own memory."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.middleware.security.rates import Rate, Spent

MAX_CALLERS = 50_000


@dataclass(frozen=True, slots=True)
class Charge:
    """One request, to be counted against the `rate` of whoever `key` names."""

    key: str
    rate: Rate


class BucketsUnavailable(Exception):
    """What was spent can be neither read nor kept at the moment."""


class Buckets(Protocol):
    """Counts requests."""

    async def spend(self, charges: Sequence[Charge]) -> list[Spent]:
        """Count one request against every charge, or against none if one of them refuses it.

        Raises BucketsUnavailable.
        """
        ...


class MemoryBuckets:
    """Counts for this process alone. Of more than `max_callers` those who came last are remembered."""

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, max_callers: int = MAX_CALLERS
    ) -> None:
        self._clock = clock
        self._max_callers = max_callers
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at)

    async def spend(self, charges: Sequence[Charge]) -> list[Spent]:
        """Count one request."""
        now = self._clock()
        spent = [charge.rate.spend(self._full_at.get(charge.key, now), now) for charge in charges]
        if all(one.allowed for one in spent):
            for charge, one in zip(charges, spent, strict=True):
                self._full_at[charge.key] = one.full_at
                self._full_at.move_to_end(charge.key)
            while len(self._full_at) > self._max_callers:
                self._full_at.popitem(last=False)
        return spent


class SubstituteBuckets:
    """Counts in `shared`, and in this process's memory while that is away.

    A failure is believed for `rest_s` seconds, in which nobody waits for it. `on_change` is told whether
    `shared` is in use whenever that changes, and at its first use.
    """

    def __init__(
        self,
        shared: Buckets,
        own: Buckets,
        *,
        on_change: Callable[[bool], None] = lambda up: None,
        rest_s: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._shared = shared
        self._own = own
        self._on_change = on_change
        self._rest_s = rest_s
        self._clock = clock
        self._up: bool | None = None
        self._again_at = clock()

    async def spend(self, charges: Sequence[Charge]) -> list[Spent]:
        """Count one request."""
        if self._clock() >= self._again_at:
            try:
                spent = await self._shared.spend(charges)
            except BucketsUnavailable:
                self._again_at = self._clock() + self._rest_s
                self._is_up(False)
            else:
                self._is_up(True)
                return spent
        return await self._own.spend(charges)

    def _is_up(self, up: bool) -> None:
        if up is not self._up:
            self._up = up
            self._on_change(up)
