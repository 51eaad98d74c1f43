"""--mode bench language_model: what our way of asking a model costs over the provider's bare client.

Each message goes to a server on this machine that replies at once: by the bare client, by our adapter with
its retries and breaker, and by the whole call as the product makes it (choose the prompt, mask, render,
reserve in an embedded database, ask, read). The three take turns, so that a busy machine slows all alike;
`cpu` is the same in this thread's core time, which other work on the machine does not lengthen.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TypedDict
from uuid import uuid4

import httpx
import msgspec

from app.adapters.embedded_postgres import EmbeddedPostgres
from app.config import Provider, Settings
from app.language_models import prompt_book, text_model
from app.middleware.monitoring import PrometheusMeter
from app.repositories.database import Database
from app.repositories.llm_calls import PostgresCallLog
from app.repositories.schema import apply_schema
from app.repositories.sessions import PostgresSessions
from app.repositories.users import PostgresAccounts
from app.services.hybrid_analyzer.llm import REVIEW, ReviewVariables
from app.services.language_model import Generation
from app.services.prompt_manager import Budget, OnBehalfOf, PromptBook, PromptedModel, generation
from bench.analyzer import answers
from bench.parts.instant_model import instant_model
from bench.parts.took import Milliseconds, Took, spread, timed

_WARM_UP = 10
_PLENTY = Budget(10**9, 10**9)
_TIMEOUT_S = 30.0


class Added(TypedDict):
    """What each way takes; `added_p95` is how far its 95th percentile lies above the bare one's."""

    bare: Milliseconds
    adapter: Milliseconds
    adapter_added_p95: float
    call: Milliseconds
    call_added_p95: float


class Measured(TypedDict):
    """One provider, in milliseconds a message."""

    provider: str
    messages: int
    clock: Added
    cpu: Added


def main(argv: Sequence[str]) -> int:
    """Print {providers: [...]}; 0."""
    parser = argparse.ArgumentParser(prog="run.py --mode bench language_model", description=__doc__)
    parser.add_argument("--messages", type=int, default=200, help="messages a provider (200)")
    parser.add_argument("--json", action="store_true", help="print one JSON object on one line")
    given = parser.parse_args(argv)
    providers = asyncio.run(_measured(given.messages))
    sys.stdout.write(json.dumps({"providers": providers}, indent=None if given.json else 2) + "\n")
    return 0


async def _measured(messages: int) -> list[Measured]:
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedPostgres(Path(folder)) as server,
        instant_model() as url,
    ):
        apply_schema(
            server.superuser_conninfo, login_role=server.login_role, login_password=server.login_password
        )
        database = Database(server.conninfo, max_size=4)
        await database.open()
        try:
            learner = await _a_learner(database)
            providers: tuple[Provider, ...] = ("gemini", "openai_compatible")
            return [await _added(provider, url, database, learner, messages) for provider in providers]
        finally:
            await database.close()


async def _a_learner(database: Database) -> OnBehalfOf:
    user_id = uuid4()
    await PostgresAccounts(database).add_development_user(user_id, "bench@example.test")
    session = await PostgresSessions(database).create(user_id, mode="quick", clock="short", plan={})
    return OnBehalfOf(user_id, session.id, ("Delnoza", "Yusupova"))


async def _added(
    provider: Provider, url: str, database: Database, learner: OnBehalfOf, messages: int
) -> Measured:
    settings = Settings(
        llm_providers=provider,
        google_api_key="bench",
        gemini_base_url=url,
        openai_base_url=f"{url}/v1",
        openai_model="instant",
    )
    book, meter = prompt_book(settings), PrometheusMeter()
    async with AsyncExitStack() as stack:
        model = await stack.enter_async_context(text_model(settings, meter))
        assert model is not None
        asking = PromptedModel(model, book, PostgresCallLog(database), meter, budget=_PLENTY)
        stack.push_async_callback(asking.aclose)
        bare = await _bare_client(provider, settings, stack)
        took: list[tuple[Took, Took, Took]] = []
        for text in answers(_WARM_UP + messages):
            variables = ReviewVariables(1, "Where do you live?", text, [], [])
            request = _generation(book, variables)
            took.append(
                (
                    await timed(bare(request)),
                    await timed(model.generate(request)),
                    await timed(asking.ask(REVIEW, variables, learner, timeout_s=_TIMEOUT_S)),
                )
            )
        del took[:_WARM_UP]
    return Measured(
        provider=provider,
        messages=len(took),
        clock=_compared([[way.clock for way in message] for message in took]),
        cpu=_compared([[way.cpu for way in message] for message in took]),
    )


def _compared(took: Sequence[Sequence[float]]) -> Added:
    bare, adapter, call = (spread(list(way)) for way in zip(*took, strict=True))
    return Added(
        bare=bare,
        adapter=adapter,
        adapter_added_p95=round(adapter["p95"] - bare["p95"], 2),
        call=call,
        call_added_p95=round(call["p95"] - bare["p95"], 2),
    )


def _generation(book: PromptBook, variables: ReviewVariables) -> Generation:
    prompt = book.choose(REVIEW.name, "bench")
    messages = prompt.render(msgspec.to_builtins(variables))
    return generation(prompt, messages, _TIMEOUT_S)


async def _bare_client(
    provider: Provider, settings: Settings, stack: AsyncExitStack
) -> Callable[[Generation], Awaitable[object]]:
    http = await stack.enter_async_context(httpx.AsyncClient(timeout=_TIMEOUT_S))
    if provider == "gemini":
        from google import genai  # noqa: PLC0415 - half a second that only this benchmark pays
        from google.genai import types  # noqa: PLC0415

        client = genai.Client(
            api_key="bench",
            vertexai=False,
            http_options=types.HttpOptions(base_url=settings.gemini_base_url, httpx_async_client=http),
        )

        async def ask_gemini(request: Generation) -> object:
            config = types.GenerateContentConfig(
                system_instruction=request.system,
                response_mime_type="application/json",
                response_json_schema=request.reply_schema,
            )
            return await client.aio.models.generate_content(
                model=settings.gemini_model, contents=request.user, config=config
            )

        return ask_gemini

    async def ask_openai(request: Generation) -> object:
        body = {
            "model": settings.openai_model,
            "messages": [
                {"role": "system", "content": request.system},
                {"role": "user", "content": request.user},
            ],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "reply", "schema": request.reply_schema},
            },
        }
        return (await http.post(f"{settings.openai_base_url}/chat/completions", json=body)).json()

    return ask_openai
