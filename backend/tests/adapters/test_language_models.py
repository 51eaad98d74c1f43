"""Both adapters keep the same contract with servers that speak the real protocols, whatever these do."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from app.adapters.gemini import GeminiModel
from app.adapters.openai_compatible import OpenAiCompatibleModel
from app.services.language_model import Generation, LanguageModelUnavailable, Prices, TextModel, Usage
from tests.fakes.model_server import ModelServer, Step, model_server

SCHEMA = {
    "type": "object",
    "properties": {
        "sky": {"type": "string", "enum": ["blue", "grey"]},
        "degrees": {"type": ["number", "null"]},
    },
    "required": ["sky"],
    "additionalProperties": False,
}
REQUEST = Generation("Foretell.", "Tomorrow?", SCHEMA, 0.5, 100, timeout_s=5.0)
PRICES = Prices(input=1.0, output=10.0)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as running:
        yield running


@pytest.fixture(params=["gemini", "openai_compatible"])
async def model(request: pytest.FixtureRequest, server: ModelServer) -> AsyncIterator[TextModel]:
    if request.param == "gemini":
        async with GeminiModel(
            "key-1", "gemini-x", base_url=server.url, thinking="low", prices=PRICES
        ) as gemini:
            yield gemini
    else:
        async with OpenAiCompatibleModel(
            f"{server.url}/v1/", "local-x", api_key="key-1", prices=PRICES
        ) as compatible:
            yield compatible


async def refusal(model: TextModel, request: Generation = REQUEST) -> LanguageModelUnavailable:
    with pytest.raises(LanguageModelUnavailable) as told:
        await model.generate(request)
    return told.value


async def test_what_is_asked_arrives_and_the_reply_comes_back(server: ModelServer, model: TextModel) -> None:
    server.steps = [Step('{"sky": "blue"}')]
    reply = await model.generate(REQUEST)
    assert reply.text == '{"sky": "blue"}'
    assert reply.model in {"gemini-served", "local-served"}
    assert reply.usage == Usage(90, 20, pytest.approx(0.00029))
    (asked,) = server.asked
    assert (asked.system, asked.user) == ("Foretell.", "Tomorrow?")
    assert "key-1" in (asked.headers.get("x-goog-api-key"), asked.headers.get("authorization", "")[7:])
    if reply.provider == "gemini":
        settings = asked.body["generationConfig"]
        assert settings["responseJsonSchema"] == SCHEMA
        assert settings["responseMimeType"] == "application/json"
        assert (settings["temperature"], settings["maxOutputTokens"]) == (0.5, 100)
        assert list(settings["thinkingConfig"].values()) == ["LOW"]
        assert "gemini-x" in asked.path
    else:
        assert asked.body["response_format"]["json_schema"]["schema"] == SCHEMA
        assert (asked.body["temperature"], asked.body["max_tokens"]) == (0.5, 100)
        assert asked.body["model"] == "local-x"


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (Step(status=503), "overloaded"),
        (Step(status=429), "overloaded"),
        (Step(status=500), "unreachable"),
        (Step(status=408), "unreachable"),
        (Step(status=400), "refused"),
        (Step(status=401), "refused"),
        (Step(status=403, raw=b"<html>no</html>", headers={"content-type": "text/html"}), "refused"),
        (Step(status=502, raw=b""), "unreachable"),
        (Step(raw=b"<html>hello</html>"), "unreachable"),
        (Step(raw=b'{"candidates": 7, "choices": 7}'), "unreachable"),
        (Step(raw=b"{}"), None),
        (Step(drops=True), "unreachable"),
        (Step(finish="SAFETY"), "blocked"),
        (Step(finish="PROMPT"), "blocked"),
        (Step(finish="MAX_TOKENS", text='{"sky": "bl'), "cut_off"),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_whatever_goes_wrong_has_one_name(
    server: ModelServer, model: TextModel, step: Step, why: str | None
) -> None:
    server.steps = [step]
    told = await refusal(model)
    assert told.why in ((why,) if why else ("blocked", "unreachable"))
    assert len(server.asked) == 1  # nothing is asked again behind our back
    assert "Tomorrow" not in str(told)


async def test_what_was_charged_for_nothing_is_known(server: ModelServer, model: TextModel) -> None:
    for finish in ("SAFETY", "MAX_TOKENS"):
        server.steps = [Step(finish=finish)]
        assert (await refusal(model)).usage.input_tokens == 90


async def test_a_provider_says_when_to_come_back(server: ModelServer, model: TextModel) -> None:
    for header, seconds in (("7", 7.0), ("1.5", 1.5), ("soon", None), ("-3", None), ("1e300", 3600.0)):
        server.steps = [Step(status=429, headers={"retry-after": header})]
        assert (await refusal(model)).retry_after_s == seconds


async def test_a_silent_provider_is_late(server: ModelServer, model: TextModel) -> None:
    server.steps = [Step(hangs=True)]
    assert (await refusal(model, replace(REQUEST, timeout_s=0.2))).why == "late"
    assert (await model.generate(REQUEST)).text == "{}"


async def test_nobody_at_home_is_unreachable() -> None:
    with model_server() as gone:
        url = gone.url
    async with GeminiModel("key", "gemini-x", base_url=url) as gemini:
        assert (await refusal(gemini)).why == "unreachable"
    async with OpenAiCompatibleModel(f"{url}/v1", "local-x") as compatible:
        assert (await refusal(compatible)).why == "unreachable"
