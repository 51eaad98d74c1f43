"""A provider behind its circuit breaker, and several of them in order of preference."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import structlog

from app.services import tracing
from app.services.language_model.breaker import Breaker
from app.services.language_model.port import (
    Generated,
    Generation,
    LanguageModelUnavailable,
    TextModel,
    Unavailability,
)

FIRST_SHARE = 0.6
"""How much of the time left a provider gets while another one waits behind it."""

_PROVIDERS_FAULT: frozenset[Unavailability] = frozenset({"unreachable", "overloaded", "late", "refused"})
"""What a breaker counts. A blocked or overlong reply is an answer of a provider that works."""

log = structlog.get_logger(__name__)


class Guarded:
    """A TextModel that is left alone while its breaker is open."""

    def __init__(self, model: TextModel, breaker: Breaker, name: str) -> None:
        self._model = model
        self._breaker = breaker
        self._name = name

    async def generate(self, request: Generation) -> Generated:
        """Return the model's reply. Raises LanguageModelUnavailable, `paused` while the breaker is open."""
        if not self._breaker.admits():
            raise LanguageModelUnavailable("paused", f"{self._name} failed lately and is left alone.")
        try:
            with tracing.span("generate", "client", attributes={"gen_ai.provider.name": self._name}) as asked:
                generated = await self._model.generate(request)
                usage = generated.usage
                asked.note(
                    {
                        "gen_ai.usage.input_tokens": usage.input_tokens,
                        "gen_ai.usage.output_tokens": usage.output_tokens,
                    }
                )
        except LanguageModelUnavailable as unavailable:
            if unavailable.why in _PROVIDERS_FAULT:
                self._breaker.failed()
            else:
                self._breaker.succeeded()
            raise
        except BaseException:  # also a cancelled call: somebody waited in vain
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return generated


class InOrder:
    """A TextModel that asks the first provider, and the next one where that is at fault."""

    def __init__(self, models: Sequence[TextModel]) -> None:
        """`models` is not empty."""
        self._models = tuple(models)

    async def generate(self, request: Generation) -> Generated:
        """Return the first reply. Raises LanguageModelUnavailable as the last provider asked did."""
        now = asyncio.get_running_loop().time
        until = now() + request.timeout_s
        *before, last = self._models
        for model in before:
            left_s = until - now()
            try:
                return await model.generate(replace(request, timeout_s=left_s * FIRST_SHARE))
            except LanguageModelUnavailable as unavailable:
                if unavailable.why not in _PROVIDERS_FAULT | {"paused"}:
                    raise
                log.info("llm.next_provider", why=unavailable.why)
        return await last.generate(replace(request, timeout_s=until - now()))
