"""A prompt of the tests' own, with the types it is asked by, and what it is asked with."""

from collections.abc import Callable
from textwrap import dedent
from typing import Literal
from uuid import UUID

import msgspec

from app.services.language_model import Generated, Generation, Usage
from app.services.prompt_manager import (
    Budget,
    CallEnd,
    Contract,
    NewCall,
    OnBehalfOf,
    PromptBook,
    PromptedModel,
    read_as,
    read_prompt,
)

LEARNER = OnBehalfOf(UUID(int=1), UUID(int=2))
PLENTY = Budget(session_tokens=1_000_000, daily_tokens=1_000_000)


class Weather(msgspec.Struct, frozen=True):
    """What the prompt `weather` is given."""

    day: int
    said: str
    place: str | None = None


class Forecast(msgspec.Struct, frozen=True):
    """What it brings back."""

    sky: Literal["blue", "grey"]
    degrees: float | None = None


WEATHER = Contract(
    "weather", Weather, Forecast, read_as(Forecast), Weather(day=3, said="I like rain", place="Samarkand")
)

TEXT = dedent(
    """\
    ---
    name: weather
    version: 1
    config:
      temperature: 0.5
      maxOutputTokens: 100
    input:
      schema:
        day: integer
        said: string, what was said
        place?: string
    output:
      format: json
      schema:
        sky(enum, how it looks): [blue, grey]
        degrees?: number
    ---
    {{role "system"}}
    Foretell the weather. Data is between {{boundary}}.
    {{role "user"}}
    Day {{day}}.
    {{#if place}}
    {{fenced said place}}
    {{else}}
    {{fenced said}}
    {{/if}}
    """
)


class CannedModel:
    """Implements TextModel: gives out replies in order, the last one again and again; or raises them."""

    def __init__(self, *replies: str | Exception, before: Callable[[], None] = lambda: None) -> None:
        self._replies = list(replies)
        self._before = before
        self.asked: list[Generation] = []

    async def generate(self, request: Generation) -> Generated:
        """Reply, or raise."""
        self.asked.append(request)
        self._before()
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(reply, Exception):
            raise reply
        return Generated(reply, "canned", "canned-1", Usage(30, 5))


class MemoryCalls:
    """Implements CallLog and CallMeter in lists; `room` is how many calls the budget allows."""

    def __init__(self, room: int = 1_000) -> None:
        self.room = room
        self.begun: list[NewCall] = []
        self.ended: dict[int, CallEnd] = {}
        self.counted: list[tuple[str, CallEnd]] = []

    async def begin(self, call: NewCall, budget: Budget) -> int | None:
        """Note it, if there is room."""
        if len(self.begun) >= self.room:
            return None
        self.begun.append(call)
        return len(self.begun)

    async def finish(self, call_id: int, end: CallEnd) -> None:
        """Note it."""
        self.ended[call_id] = end

    def model_called(self, prompt: str, end: CallEnd) -> None:
        """Note it."""
        self.counted.append((prompt, end))


def weather_model(model: CannedModel, calls: MemoryCalls) -> PromptedModel:
    """Return what asks `model` about the weather."""
    return PromptedModel(
        model, PromptBook([read_prompt(TEXT, "weather")], [WEATHER]), calls, calls, budget=PLENTY
    )
