"""Gemini through google-genai."""

from types import TracebackType
from typing import Self

import httpx
from google import genai
from google.genai import errors, types

from app.adapters.model_refusals import refusal
from app.services.language_model import Generated, Generation, LanguageModelUnavailable, Prices, Usage

PROVIDER = "gemini"
CONNECT_S = 5.0


class GeminiModel:
    """A TextModel over the Gemini API. Importing this module takes half a second.

    The client's own retries are off: with its default settings it sleeps up to ten seconds and tries again
    behind our back. It gets an HTTP client of ours, for the same errors whichever libraries are installed.
    """

    def __init__(
        self,
        api_key: str,
        model: str,
        *,
        base_url: str = "",
        thinking: str = "",
        prices: Prices | None = None,
    ) -> None:
        """`thinking` is minimal, low, medium or high, empty for the model's own default."""
        self._http = httpx.AsyncClient(timeout=httpx.Timeout(60.0, connect=CONNECT_S))
        self._client = genai.Client(
            api_key=api_key,
            vertexai=False,
            http_options=types.HttpOptions(
                base_url=base_url or None,
                retry_options=types.HttpRetryOptions(attempts=1),
                httpx_async_client=self._http,
            ),
        )
        self._model = model
        self._thinking = (
            types.ThinkingConfig(thinking_level=types.ThinkingLevel(thinking.upper())) if thinking else None
        )
        self._prices = prices or Prices()

    async def generate(self, request: Generation) -> Generated:
        """Return the model's reply. Raises LanguageModelUnavailable."""
        try:
            response = await self._client.aio.models.generate_content(
                model=self._model, contents=request.user, config=self._config(request)
            )
        except httpx.TimeoutException as late:
            raise LanguageModelUnavailable("late", f"{PROVIDER} gave no reply in time.") from late
        except httpx.TransportError as lost:
            raise LanguageModelUnavailable("unreachable", f"{PROVIDER}: {type(lost).__name__}.") from lost
        except errors.APIError as refused:
            headers = getattr(refused.response, "headers", None) or {}
            raise refusal(PROVIDER, refused.code or 500, headers) from refused
        except (ValueError, TypeError, LookupError, AttributeError) as unreadable:
            # The client converts replies without checking them: a body of another shape ends in any of these.
            raise LanguageModelUnavailable(
                "unreachable", f"{PROVIDER} sent no readable reply."
            ) from unreadable
        return self._reply(response)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aio.aclose()
        await self._http.aclose()

    def _config(self, request: Generation) -> types.GenerateContentConfig:
        return types.GenerateContentConfig(
            system_instruction=request.system,
            temperature=request.temperature,
            max_output_tokens=request.max_output_tokens,
            response_mime_type="application/json",
            response_json_schema=request.reply_schema,
            thinking_config=self._thinking,
            http_options=types.HttpOptions(timeout=max(1, round(request.timeout_s * 1000))),
        )

    def _reply(self, response: types.GenerateContentResponse) -> Generated:
        usage = self._usage(response.usage_metadata)
        candidate = response.candidates[0] if response.candidates else None
        reason = candidate.finish_reason if candidate else None
        if candidate is None or reason not in (types.FinishReason.STOP, types.FinishReason.MAX_TOKENS):
            feedback = response.prompt_feedback
            name = reason or (feedback and feedback.block_reason) or "no candidate"
            raise LanguageModelUnavailable(
                "blocked", f"{PROVIDER} holds back its reply: {name}.", usage=usage
            )
        if reason is types.FinishReason.MAX_TOKENS:
            raise LanguageModelUnavailable("cut_off", f"The reply of {PROVIDER} is too long.", usage=usage)
        parts = (candidate.content and candidate.content.parts) or []
        text = "".join(part.text or "" for part in parts if not part.thought)
        return Generated(text, PROVIDER, response.model_version or self._model, usage)

    def _usage(self, told: types.GenerateContentResponseUsageMetadata | None) -> Usage:
        if told is None:
            return Usage()
        output = (told.candidates_token_count or 0) + (told.thoughts_token_count or 0)
        return self._prices.usage(told.prompt_token_count or 0, output)
