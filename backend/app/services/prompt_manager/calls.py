"""The log of calls to language models: which prompt, for whom, what it cost, how it ended."""

from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from app.services.language_model import Unavailability, Usage

Outcome = Literal["replied", "malformed", "failed"] | Unavailability
"""How a call ended: with a reply that can be used, one that cannot, an error of ours, or no reply."""


@dataclass(frozen=True, slots=True)
class OnBehalfOf:
    """Whose words are put before a model, and in which session.

    `names` are what the learner is called: they are masked wherever they are said.
    """

    user_id: UUID
    session_id: UUID
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Budget:
    """Tokens, input and output together, that may be spent on one session and on one learner in 24 hours."""

    session_tokens: int
    daily_tokens: int


@dataclass(frozen=True, slots=True)
class NewCall:
    """A call about to be made. `reserved_tokens` is what it may cost at most, by estimate."""

    learner: OnBehalfOf
    prompt: str
    version: int
    sha256: str
    reserved_tokens: int


@dataclass(frozen=True, slots=True)
class CallEnd:
    """How a call ended. `provider` and `model` are None where nobody replied.

    `usage` is None where nobody knows what was charged: then the reservation goes on counting.
    """

    outcome: Outcome
    latency_ms: int
    usage: Usage | None
    provider: str | None = None
    model: str | None = None


class CallLog(Protocol):
    """Where calls are kept. Both raise StorageUnavailable."""

    async def begin(self, call: NewCall, budget: Budget) -> int | None:
        """Note a call that is about to be made and return its id.

        None when the budget has no room for it, or the session is no longer there.
        """
        ...

    async def finish(self, call_id: int, end: CallEnd) -> None:
        """Note how the call ended; what it cost takes the place of what was reserved."""
        ...


class CallMeter(Protocol):
    """What is counted about calls."""

    def model_called(self, prompt: str, end: CallEnd) -> None:
        """A model was called with this version of a prompt, or its budget forbade it."""
        ...
