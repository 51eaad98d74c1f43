"""What the product expects of a prompt by name: its variables and its reply, as our own types."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

I = TypeVar("I", bound=msgspec.Struct)  # noqa: E741 - the input
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Contract(Generic[I, R]):
    """A question the product asks.

    `variables` and `reply` are msgspec structs; `read` turns the reply's text into what the asker works with
    and raises ValueError for a reply that cannot be used. `example` are variables to render the prompt with.
    """

    name: str
    variables: type[I]
    reply: type[msgspec.Struct]
    read: Callable[[str], R]
    example: I


def read_as(kind: type[R]) -> Callable[[str], R]:
    """Return a reader that takes only replies that are JSON of exactly this type."""
    decoder = msgspec.json.Decoder(kind)

    def read(text: str) -> R:
        try:
            return decoder.decode(text.encode("utf-8", "replace"))
        except RecursionError as deep:
            raise ValueError("The reply is nested too deeply.") from deep

    return read


AnyContract = Contract[Any, Any]
