"""A circuit breaker (Nygard, Release It!, 2007): what fails again and again is left alone for a while."""

from collections.abc import Callable
from typing import Literal

State = Literal["closed", "open", "half_open"]

ProviderState = Literal["closed", "open", "half_open", "not_signed_in"]
"""How a provider stands: its breaker, or that it would not let us in when the process began."""

FAILURES = 5
PAUSE_S = 30.0


class Breaker:
    """Closed while calls succeed; open after `failures` in a row, when no call may be made for `pause_s`;
    then half open: one call may try, and its end decides. Not for use from several threads."""

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        failures: int = FAILURES,
        pause_s: float = PAUSE_S,
        on_change: Callable[[State], None] = lambda state: None,
    ) -> None:
        """`clock` gives seconds; `on_change` hears every new state."""
        self._clock = clock
        self._failures = failures
        self._pause_s = pause_s
        self._on_change = on_change
        self._state: State = "closed"
        self._failed = 0
        self._opened_at = 0.0

    @property
    def state(self) -> State:
        """How it stands."""
        return self._state

    def admits(self) -> bool:
        """Whether a call may be made now. Whoever is admitted reports `succeeded` or `failed`."""
        match self._state:
            case "closed":
                return True
            case "half_open":
                return False
            case "open":
                if self._clock() - self._opened_at < self._pause_s:
                    return False
                self._become("half_open")
                return True

    def succeeded(self) -> None:
        """An admitted call got through."""
        self._failed = 0
        self._become("closed")

    def failed(self) -> None:
        """An admitted call did not."""
        self._failed += 1
        if self._state == "half_open" or self._failed >= self._failures:
            self._opened_at = self._clock()
            self._become("open")

    def _become(self, state: State) -> None:
        if state != self._state:
            self._state = state
            self._on_change(state)
