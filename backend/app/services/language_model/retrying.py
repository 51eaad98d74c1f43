"""Asking once more, after a pause that differs from caller to caller."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from app.services.language_model.port import (
    Generated,
    Generation,
    LanguageModelUnavailable,
    TextModel,
)

ATTEMPTS = 3
FIRST_PAUSE_S = 0.5
_PASSING = frozenset({"unreachable", "overloaded"})

log = structlog.get_logger(__name__)


class Retrying:
    """A TextModel that tries again when the fault may pass, as long as the time allows.

    Pauses are drawn evenly from nought to a bound that doubles ("full jitter", AWS Architecture Blog, 2015),
    and are never shorter than the provider asks for.
    """

    def __init__(
        self,
        model: TextModel,
        *,
        attempts: int = ATTEMPTS,
        first_pause_s: float = FIRST_PAUSE_S,
        chance: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._model = model
        self._attempts = attempts
        self._first_pause_s = first_pause_s
        self._chance = chance
        self._sleep = sleep

    async def generate(self, request: Generation) -> Generated:
        """Return the model's reply. Raises LanguageModelUnavailable with what the last attempt met."""
        now = asyncio.get_running_loop().time
        until = now() + request.timeout_s
        attempt = 1
        while True:
            try:
                return await self._model.generate(replace(request, timeout_s=until - now()))
            except LanguageModelUnavailable as unavailable:
                pause_s = self._chance() * self._first_pause_s * 2 ** (attempt - 1)
                pause_s = max(pause_s, unavailable.retry_after_s or 0.0)
                passing = unavailable.why in _PASSING
                if not passing or attempt == self._attempts or now() + pause_s >= until:
                    raise
                log.info("llm.retry", why=unavailable.why, attempt=attempt, pause_s=round(pause_s, 2))
            await self._sleep(pause_s)
            attempt += 1
