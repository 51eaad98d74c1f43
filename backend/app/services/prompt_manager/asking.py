"""Asking by prompt: choose the version, mask, render, stay in the budget, ask, read, keep a record."""

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import msgspec
import structlog

from app.services.errors import StorageUnavailable
from app.services.language_model import (
    Generated,
    Generation,
    LanguageModelUnavailable,
    TextModel,
    Usage,
)
from app.services.pii import Masker
from app.services.prompt_manager.book import PromptBook
from app.services.prompt_manager.calls import (
    Budget,
    CallEnd,
    CallLog,
    CallMeter,
    NewCall,
    OnBehalfOf,
    Outcome,
)
from app.services.prompt_manager.contract import Contract
from app.services.prompt_manager.prompt import Prompt
from app.services.prompt_manager.template import Messages

I = TypeVar("I", bound=msgspec.Struct)  # noqa: E741 - the input
R = TypeVar("R")

CHARS_PER_TOKEN = 3
"""On the safe side for English, about right for Uzbek; only for the reservation."""

log = structlog.get_logger(__name__)


class ReplyMalformed(ValueError):
    """The model replied, and not in the asked shape."""


@dataclass(frozen=True, slots=True)
class Reply(Generic[R]):
    """A reply as its asker reads it, with where it came from. `prompt` is a label such as review@1."""

    value: R
    prompt: str
    generated: Generated


class _Call:
    """A call under way."""

    def __init__(self, began: float) -> None:
        self._began = began
        self.outcome: Outcome = "failed"
        self.usage: Usage | None = Usage()
        self.generated: Generated | None = None

    def replied(self, generated: Generated) -> None:
        self.generated = generated
        self.usage = generated.usage

    def end(self, now: float) -> CallEnd:
        latency_ms = round((now - self._began) * 1000)
        if self.generated is None:
            return CallEnd(self.outcome, latency_ms, self.usage)
        return CallEnd(self.outcome, latency_ms, self.usage, self.generated.provider, self.generated.model)


class PromptedModel:
    """Asks one model, always by prompt and always on a learner's behalf.

    What tells who the learner is leaves as placeholders; in the reply they are what was said again.
    """

    def __init__(
        self,
        model: TextModel,
        book: PromptBook,
        calls: CallLog,
        meter: CallMeter,
        *,
        budget: Budget,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._model = model
        self._book = book
        self._calls = calls
        self._meter = meter
        self._budget = budget
        self._clock = clock
        self._closing = set[asyncio.Task[None]]()

    async def ask(
        self, contract: Contract[I, R], variables: I, learner: OnBehalfOf, *, timeout_s: float
    ) -> Reply[R]:
        """Return the reply to the learner's version of the contract's prompt.

        Raises LanguageModelUnavailable, also when the budget is spent or the call cannot be recorded, and
        ReplyMalformed. A call that is cancelled counts as late.
        """
        prompt = self._book.choose(contract.name, str(learner.user_id))
        masker = Masker(learner.names)
        messages = prompt.render(masker.mask_all(msgspec.to_builtins(variables)))
        call_id = await self._begin(prompt, messages, learner)
        call = _Call(self._clock())
        try:
            async with asyncio.timeout(timeout_s):
                generated = await self._model.generate(generation(prompt, messages, timeout_s))
            call.replied(generated)
            generated = replace(generated, text=masker.unmask_json(generated.text))
            value = contract.read(generated.text)
            call.outcome = "replied"
        except TimeoutError as late:
            call.outcome, call.usage = "late", None
            raise LanguageModelUnavailable("late", f"No reply within {timeout_s:g} s.") from late
        except asyncio.CancelledError:
            call.outcome, call.usage = "late", None
            raise
        except LanguageModelUnavailable as unavailable:
            call.outcome, call.usage = unavailable.why, unavailable.usage
            raise
        except ValueError as wrong:
            if call.generated is None:
                raise
            call.outcome = "malformed"
            raise ReplyMalformed(f"The reply to {prompt.label} cannot be used: {wrong}") from wrong
        finally:
            self._end(call_id, prompt.label, call.end(self._clock()))
        return Reply(value, prompt.label, generated)

    async def aclose(self) -> None:
        """Wait until every call is recorded."""
        await asyncio.gather(*self._closing, return_exceptions=True)

    async def _begin(self, prompt: Prompt, messages: Messages, learner: OnBehalfOf) -> int:
        size = math.ceil((len(messages.system) + len(messages.user)) / CHARS_PER_TOKEN)
        call = NewCall(learner, prompt.name, prompt.version, prompt.sha256, size + prompt.max_output_tokens)
        try:
            call_id = await self._calls.begin(call, self._budget)
        except StorageUnavailable as unavailable:
            raise LanguageModelUnavailable(
                "unreachable", f"The call cannot be recorded: {unavailable}"
            ) from unavailable
        if call_id is None:
            self._meter.model_called(prompt.label, CallEnd("spent", 0, Usage()))
            raise LanguageModelUnavailable("spent", "The tokens for this session or learner are used up.")
        return call_id

    def _end(self, call_id: int, label: str, end: CallEnd) -> None:
        """Record the end without making anybody wait for it, so that a cancelled call is recorded too."""
        self._meter.model_called(label, end)
        closing = asyncio.create_task(self._finish(call_id, end), name="llm.record")
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def _finish(self, call_id: int, end: CallEnd) -> None:
        try:
            await self._calls.finish(call_id, end)
        except StorageUnavailable as unavailable:
            log.warning("llm.call_not_recorded", call_id=call_id, reason=str(unavailable))


def generation(prompt: Prompt, messages: Messages, timeout_s: float) -> Generation:
    """Return the question to a model that a rendered prompt is."""
    return Generation(
        system=messages.system,
        user=messages.user,
        reply_schema=prompt.reply_schema,
        temperature=prompt.temperature,
        max_output_tokens=prompt.max_output_tokens,
        timeout_s=timeout_s,
    )
