"""Every call is on record, however it ends, and the budget is asked first."""

import asyncio
import json
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from app.services.errors import StorageUnavailable
from app.services.language_model import Generated, Generation, LanguageModelUnavailable, Usage
from app.services.prompt_manager import (
    Budget,
    CallEnd,
    NewCall,
    PromptBook,
    PromptedModel,
    ReplyMalformed,
    read_prompt,
)
from tests.fakes.prompts import (
    LEARNER,
    PLENTY,
    TEXT,
    WEATHER,
    CannedModel,
    Forecast,
    MemoryCalls,
    Weather,
    weather_model,
)
from tests.virtual_time import virtual_time

RAIN = Weather(day=1, said="rain")


async def asked(model: CannedModel, calls: MemoryCalls) -> Forecast:
    asking = weather_model(model, calls)
    try:
        reply = await asking.ask(WEATHER, RAIN, LEARNER, timeout_s=5)
    finally:
        await asking.aclose()
    assert reply.prompt == "weather@1"
    return reply.value


async def test_a_reply_comes_as_our_type_and_is_on_record() -> None:
    calls = MemoryCalls()
    model = CannedModel('{"sky": "grey", "degrees": 4}')
    assert await asked(model, calls) == Forecast("grey", 4)
    (request,) = model.asked
    assert (request.temperature, request.max_output_tokens, request.timeout_s) == (0.5, 100, 5)
    (call,) = calls.begun
    assert (call.prompt, call.version, call.learner) == ("weather", 1, LEARNER)
    assert call.sha256 == read_prompt(TEXT, "weather").sha256
    assert call.reserved_tokens > 100
    end = calls.ended[1]
    assert (end.outcome, end.usage, end.provider, end.model) == (
        "replied",
        Usage(30, 5),
        "canned",
        "canned-1",
    )
    assert calls.counted == [("weather@1", end)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "I am sorry",
        '{"sky": "green"}',
        '{"degrees": 3}',
        '{"sky": 1}',
        "[" * 100_000,
        '{"sky": "\ud800"}',
    ],
    ids=range(8),
)
async def test_a_reply_of_another_shape_is_refused_and_counted_with_its_cost(text: str) -> None:
    calls = MemoryCalls()
    with pytest.raises(ReplyMalformed, match="weather@1"):
        await asked(CannedModel(text), calls)
    assert (calls.ended[1].outcome, calls.ended[1].usage) == ("malformed", Usage(30, 5))


async def test_a_model_that_gives_no_reply_says_why() -> None:
    calls = MemoryCalls()
    gone = LanguageModelUnavailable("cut_off", "too long", usage=Usage(30, 100))
    with pytest.raises(LanguageModelUnavailable) as told:
        await asked(CannedModel(gone), calls)
    assert told.value.why == "cut_off"
    assert (calls.ended[1].outcome, calls.ended[1].usage) == ("cut_off", Usage(30, 100))


async def test_a_fault_of_ours_is_no_fault_of_the_models() -> None:
    calls = MemoryCalls()
    with pytest.raises(ValueError, match="oops"):
        await asked(CannedModel(ValueError("oops")), calls)
    assert calls.ended[1].outcome == "failed"


async def test_a_spent_budget_refuses_before_anything_leaves() -> None:
    calls = MemoryCalls(room=1)
    model = CannedModel('{"sky": "grey"}')
    await asked(model, calls)
    with pytest.raises(LanguageModelUnavailable) as told:
        await asked(model, calls)
    assert told.value.why == "spent"
    assert len(model.asked) == 1
    assert [end.outcome for _, end in calls.counted] == ["replied", "spent"]


class _Silent:
    async def generate(self, request: Generation) -> Generated:
        await asyncio.sleep(3_600)
        raise AssertionError


@virtual_time
async def test_a_silent_model_is_late_and_goes_on_counting_what_was_reserved() -> None:
    calls = MemoryCalls()
    asking = PromptedModel(
        _Silent(), PromptBook([read_prompt(TEXT, "weather")], [WEATHER]), calls, calls, budget=PLENTY
    )
    with pytest.raises(LanguageModelUnavailable) as told:
        await asking.ask(WEATHER, RAIN, LEARNER, timeout_s=5)
    assert told.value.why == "late"
    given_up = asyncio.create_task(asking.ask(WEATHER, RAIN, LEARNER, timeout_s=5))
    await asyncio.sleep(1)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    await asking.aclose()
    assert [(end.outcome, end.usage) for end in calls.ended.values()] == [("late", None), ("late", None)]


class _NoStore(MemoryCalls):
    def __init__(self, *, begins: bool) -> None:
        super().__init__()
        self._begins = begins

    async def begin(self, call: NewCall, budget: Budget) -> int | None:
        if not self._begins:
            raise StorageUnavailable("down")
        return await super().begin(call, budget)

    async def finish(self, call_id: int, end: CallEnd) -> None:
        raise StorageUnavailable("down")


async def test_what_cannot_be_recorded_is_not_asked() -> None:
    model = CannedModel('{"sky": "grey"}')
    with pytest.raises(LanguageModelUnavailable, match="recorded"):
        await asked(model, _NoStore(begins=False))
    assert model.asked == []


async def test_a_reply_is_not_lost_because_its_end_cannot_be_recorded() -> None:
    with capture_logs() as logs:
        assert await asked(CannedModel('{"sky": "grey"}'), _NoStore(begins=True)) == Forecast("grey")
    assert [entry["event"] for entry in logs] == ["llm.call_not_recorded"]


async def test_what_tells_who_the_learner_is_stays_here_and_comes_back_in_quotes() -> None:
    calls = MemoryCalls()
    model = CannedModel(json.dumps({"quote": "[NAME_1] lives here, [PHONE_1]"}))
    contract = replace(WEATHER, read=lambda text: str(json.loads(text)["quote"]))
    asking = weather_model(model, calls)
    said = Weather(day=1, said="Delnoza lives here, +998 90 123 45 67")
    learner = replace(LEARNER, names=("Delnoza", "Yusupova"))
    reply = await asking.ask(contract, said, learner, timeout_s=5)
    await asking.aclose()
    assert reply.value == said.said
    assert json.loads(model.asked[0].user.split("\n")[2])["said"] == "[NAME_1] lives here, [PHONE_1]"
