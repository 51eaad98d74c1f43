"""Any server that speaks OpenAI's chat completions: Ollama, llama.cpp, vLLM, OpenAI itself.

The protocol is one POST, so httpx alone will do.
"""

from types import TracebackType
from typing import Self

import httpx
import msgspec

from app.adapters.model_refusals import refusal
from app.services.language_model import Generated, Generation, LanguageModelUnavailable, Prices, Usage

PROVIDER = "openai_compatible"
CONNECT_S = 5.0


class _Message(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    model: str = ""
    usage: _Usage | None = None


class OpenAiCompatibleModel:
    """A TextModel over `POST {base_url}/chat/completions`."""

    def __init__(self, base_url: str, model: str, *, api_key: str = "", prices: Prices | None = None) -> None:
        """`base_url` ends with the version, such as http://127.0.0.1:11434/v1."""
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        self._model = model
        self._http = httpx.AsyncClient(
            headers={"authorization": f"Bearer {api_key}"} if api_key else {},
            timeout=httpx.Timeout(60.0, connect=CONNECT_S),
        )
        self._prices = prices or Prices()

    async def generate(self, request: Generation) -> Generated:
        """Return the model's reply. Raises LanguageModelUnavailable."""
        timeout = httpx.Timeout(request.timeout_s, connect=min(CONNECT_S, request.timeout_s))
        try:
            response = await self._http.post(self._url, json=self._body(request), timeout=timeout)
        except httpx.TimeoutException as late:
            raise LanguageModelUnavailable("late", f"{PROVIDER} gave no reply in time.") from late
        except httpx.HTTPError as lost:
            raise LanguageModelUnavailable("unreachable", f"{PROVIDER}: {type(lost).__name__}.") from lost
        if response.status_code != httpx.codes.OK:
            raise refusal(PROVIDER, response.status_code, response.headers)
        try:
            completion = msgspec.json.decode(response.content, type=_Completion)
        except msgspec.DecodeError as unreadable:
            raise LanguageModelUnavailable(
                "unreachable", f"{PROVIDER} sent no readable reply."
            ) from unreadable
        return self._reply(completion)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    def _body(self, request: Generation) -> dict[str, object]:
        return {
            "model": self._model,
            "messages": [
                {"role": "system", "content": request.system},
                {"role": "user", "content": request.user},
            ],
            "temperature": request.temperature,
            "max_tokens": request.max_output_tokens,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "reply", "schema": request.reply_schema},
            },
        }

    def _reply(self, completion: _Completion) -> Generated:
        usage = self._usage(completion.usage)
        choice = completion.choices[0] if completion.choices else None
        if choice is None or choice.finish_reason == "content_filter" or choice.message.refusal:
            raise LanguageModelUnavailable("blocked", f"{PROVIDER} holds back its reply.", usage=usage)
        if choice.finish_reason == "length":
            raise LanguageModelUnavailable("cut_off", f"The reply of {PROVIDER} is too long.", usage=usage)
        return Generated(choice.message.content or "", PROVIDER, completion.model or self._model, usage)

    def _usage(self, told: _Usage | None) -> Usage:
        return Usage() if told is None else self._prices.usage(told.prompt_tokens, told.completion_tokens)
