"""What is asked of a language model, whoever makes it. Plain data: no prompt file, no vendor."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Unavailability = Literal[
    "unreachable", "overloaded", "late", "refused", "blocked", "cut_off", "spent", "paused"
]
"""Why there is no reply.

`unreachable`: no connection, or a fault at the provider's. `overloaded`: it has no capacity or our quota is
used up. `late`: no reply in time. `refused`: it does not accept the request or the key. `blocked`: its safety
filter holds back the reply. `cut_off`: the reply is longer than allowed. `spent`: our own budget is used up.
`paused`: it failed lately and is left alone for a while.
"""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a reply cost, in tokens, and in US dollars as far as prices are known."""

    input_tokens: int = 0
    output_tokens: int = 0
    dollars: float = 0.0


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for a million tokens."""

    input: float = 0.0
    output: float = 0.0

    def usage(self, input_tokens: int, output_tokens: int) -> Usage:
        """Return what so many tokens cost."""
        dollars = (input_tokens * self.input + output_tokens * self.output) / 1_000_000
        return Usage(input_tokens, output_tokens, dollars)


class LanguageModelUnavailable(Exception):
    """The model did not answer. `why` is for counting, the message for the log: it holds no learner's words.

    `retry_after_s` is how long the provider asks to be left alone, where it says. `usage` is what was charged
    all the same.
    """

    def __init__(
        self,
        why: Unavailability,
        message: str,
        *,
        retry_after_s: float | None = None,
        usage: Usage | None = None,
    ) -> None:
        super().__init__(message)
        self.why: Unavailability = why
        self.retry_after_s = retry_after_s
        self.usage = usage or Usage()


@dataclass(frozen=True, slots=True)
class Generation:
    """One question to a model.

    `system` holds instructions only, `user` the matter at hand. `reply_schema` is the JSON schema that the
    reply keeps to, where the provider can hold the model to it. `temperature` is 0-2; `max_output_tokens`
    bounds the reply, and `timeout_s` the wait for it, retries included.
    """

    system: str
    user: str
    reply_schema: Mapping[str, Any]
    temperature: float
    max_output_tokens: int
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Generated:
    """A reply as it came: `text` is meant to be JSON of the asked schema and is not trusted."""

    text: str
    provider: str
    model: str
    usage: Usage


class TextModel(Protocol):
    """A model that answers one question at a time. May be called concurrently.

    A call that is cancelled leaves nothing behind.
    """

    async def generate(self, request: Generation) -> Generated:
        """Return the model's reply. Raises LanguageModelUnavailable."""
        ...
