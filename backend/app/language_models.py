"""The language models that the settings name, as one that is asked by prompt."""

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol, assert_never

import structlog

from app.adapters.openai_compatible import OpenAiCompatibleModel
from app.config import PROMPTS, ConfigurationError, Provider, Settings
from app.contracts import CONTRACTS
from app.repositories.database import Database
from app.repositories.llm_calls import PostgresCallLog
from app.services.language_model import (
    Breaker,
    BreakerState,
    Guarded,
    InOrder,
    Prices,
    ProviderState,
    Retrying,
    TextModel,
)
from app.services.prompt_manager import (
    Budget,
    CallMeter,
    PromptBook,
    PromptedModel,
    PromptInvalid,
    SharesInvalid,
    read_folder,
    read_shares,
)

log = structlog.get_logger(__name__)


class ModelMeter(CallMeter, Protocol):
    """What is counted about models and their providers."""

    def provider_is(self, name: str, state: ProviderState) -> None:
        """The breaker of a provider stands like this."""
        ...


def prompt_book(settings: Settings) -> PromptBook:
    """Return the product's prompts. Raises ConfigurationError when they, or PROMPT_SHARES, cannot be used."""
    try:
        return PromptBook(read_folder(PROMPTS), CONTRACTS, read_shares(settings.prompt_shares))
    except (PromptInvalid, SharesInvalid) as wrong:
        raise ConfigurationError(str(wrong)) from wrong


@asynccontextmanager
async def prompted_model(
    settings: Settings, book: PromptBook, database: Database, meter: ModelMeter
) -> AsyncIterator[PromptedModel | None]:
    """Lend what asks the configured models, or None where none is configured; the log says which.

    Raises ConfigurationError.
    """
    async with text_model(settings, meter) as model:
        if model is None:
            log.info("llm.none", effect="lines are scripted and answers are read by rules alone")
            yield None
            return
        asking = PromptedModel(
            model,
            book,
            PostgresCallLog(database),
            meter,
            budget=Budget(settings.llm_session_tokens, settings.llm_daily_tokens),
        )
        try:
            yield asking
        finally:
            await asking.aclose()


@asynccontextmanager
async def text_model(settings: Settings, meter: ModelMeter) -> AsyncIterator[TextModel | None]:
    """Lend the configured providers, each retried and guarded, in order of preference; None without any."""
    providers = settings.language_model_providers()
    async with AsyncExitStack() as stack:
        guarded = []
        for provider in providers:
            model = await _opened(provider, settings, stack)
            guarded.append(Guarded(Retrying(model), _breaker(provider, meter), provider))
        if guarded:
            log.info("llm.providers", providers=list(providers))
        yield InOrder(guarded) if guarded else None


async def _opened(provider: Provider, settings: Settings, stack: AsyncExitStack) -> TextModel:
    match provider:
        case "gemini":
            # Half a second and 30 MB that only those pay who use it.
            gemini = await asyncio.to_thread(importlib.import_module, "app.adapters.gemini")
            model: TextModel = await stack.enter_async_context(
                gemini.GeminiModel(
                    settings.google_api_key,
                    settings.gemini_model,
                    base_url=settings.gemini_base_url,
                    thinking=settings.gemini_thinking,
                    prices=Prices(settings.gemini_input_price, settings.gemini_output_price),
                )
            )
            return model
        case "openai_compatible":
            return await stack.enter_async_context(
                OpenAiCompatibleModel(
                    settings.openai_base_url,
                    settings.openai_model,
                    api_key=settings.openai_api_key,
                    prices=Prices(settings.openai_input_price, settings.openai_output_price),
                )
            )
        case _:
            assert_never(provider)


def _breaker(provider: Provider, meter: ModelMeter) -> Breaker:
    def changed(state: BreakerState) -> None:
        log.warning("llm.breaker", provider=provider, state=state)
        meter.provider_is(provider, state)

    meter.provider_is(provider, "closed")
    return Breaker(asyncio.get_running_loop().time, on_change=changed)
