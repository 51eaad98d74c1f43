"""The second reading over the real clients and a local server: whatever happens, the analysis ends."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.config import PROMPTS, Settings
from app.contracts import CONTRACTS
from app.language_models import text_model
from app.middleware.monitoring import PrometheusMeter, exposition
from app.services.analysis_coordinator import DeepAnalysis, LearnerTurn, SecondOpinion, SecondReader
from app.services.hybrid_analyzer.llm import PromptedReader
from app.services.prompt_manager import OnBehalfOf, PromptBook, PromptedModel, read_folder
from tests.fakes.model_server import Asked, ModelServer, Step, model_server
from tests.fakes.prompts import LEARNER, PLENTY, MemoryCalls
from tests.fakes.scripted_model import CountingMeter, proposal, reply
from tests.fakes.spoken import Voice, answers, material

SAID = (1, "When I was small we go to the park and I have two brother there")
TURNS = answers([SAID], Voice(clarity=(0.99,)))
GOOD = Step(reply([proposal("go", "went")]))


class Reading:
    """What reads a session's answers with the providers of a local server."""

    def __init__(self, deep: DeepAnalysis, server: ModelServer, providers: str) -> None:
        self.deep = deep
        self.server = server
        self.calls = MemoryCalls()
        self.meter = PrometheusMeter()
        self.settings = Settings(
            _env_file=None,  # type: ignore[call-arg]
            llm_providers=providers,
            google_api_key="key",
            gemini_base_url=server.url,
            openai_base_url=f"{server.url}/v1",
            openai_model="local-x",
        )

    async def opinion(
        self,
        turns: Sequence[LearnerTurn] = TURNS,
        learner: OnBehalfOf = LEARNER,
        *,
        answer_limit_s: float = 20.0,
    ) -> SecondOpinion:
        book = PromptBook(read_folder(PROMPTS), CONTRACTS)
        async with text_model(self.settings, self.meter) as model:
            assert model is not None
            asking = PromptedModel(model, book, self.calls, self.calls, budget=PLENTY)
            reader = SecondReader(
                PromptedReader(asking), CountingMeter(), _here, answer_limit_s=answer_limit_s
            )
            opinion = await reader.read(self.deep.analyse(material(turns), {}, lambda percent: None), learner)
            await asking.aclose()
        return opinion

    def concluded(self, opinion: SecondOpinion) -> dict[str, Any]:
        return self.deep.conclude(material(TURNS), opinion, lambda percent: None).to_json()


async def _here(work: Any) -> Any:
    return work()


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as running:
        yield running


@pytest.fixture(params=["gemini", "openai_compatible"])
async def reading(
    request: pytest.FixtureRequest, deep: DeepAnalysis, server: ModelServer
) -> AsyncIterator[Reading]:
    with capture_logs():
        yield Reading(deep, server, request.param)


async def test_a_mistake_that_the_model_sees_is_shown(reading: Reading) -> None:
    reading.server.then = lambda asked: GOOD
    opinion = await reading.opinion()
    assert (opinion.status, opinion.reviewed, opinion.prompts) == ("complete", 1, ("review@1",))
    assert "went" in {f["correction"] for f in reading.concluded(opinion)["findings"]}
    (asked,) = reading.server.asked
    assert json.loads(asked.user.split("\n")[2])["answer"] == SAID[1]
    assert SAID[1] not in asked.system
    assert [end.outcome for end in reading.calls.ended.values()] == ["replied"]


async def test_a_failure_that_passes_is_not_noticed(reading: Reading) -> None:
    reading.server.steps = [Step(status=503), GOOD]
    assert (await reading.opinion()).status == "complete"
    assert len(reading.server.asked) == 2


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (Step('{"findings": [{"quote": "go"'), "unreadable"),
        (Step("I cannot help with that."), "unreadable"),
        (Step("[]"), "unreadable"),
        (Step(status=429, headers={"retry-after": "60"}), "overloaded"),
        (Step(status=400), "refused"),
        (Step(finish="SAFETY"), "blocked"),
        (Step(finish="MAX_TOKENS"), "cut_off"),
        (Step(hangs=True), "late"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_goes_wrong_is_named_and_the_analysis_stands(
    reading: Reading, step: Step, why: str
) -> None:
    reading.server.then = lambda asked: step
    opinion = await reading.opinion(answer_limit_s=0.5 if step.hangs else 20.0)
    document = reading.concluded(opinion)
    assert document["conditions"]["llm"]["answers_missing"] == {why: 1}
    assert document["conditions"]["llm"]["status"] == "missing"
    assert "language_model" in {u["what"] for u in document["conditions"]["unavailable"]}
    assert "two brother" in {f["quote"] for f in document["findings"]}
    outcome = "malformed" if why == "unreadable" else why
    assert [end.outcome for end in reading.calls.ended.values()] == [outcome]


async def test_quotes_that_were_not_said_are_refused(reading: Reading) -> None:
    wrong = reply([proposal("goes", "went"), proposal("I", "me", occurrence=7), proposal("go", "went")])
    reading.server.then = lambda asked: Step(wrong)
    opinion = await reading.opinion()
    assert opinion.refused == {"quote_not_in_transcript": 1, "no_such_occurrence": 1}
    assert opinion.proposals["added"] == 1


async def test_with_a_provider_down_the_other_one_reads(deep: DeepAnalysis, server: ModelServer) -> None:
    def only_local(asked: Asked) -> Step:
        return GOOD if "messages" in asked.body else Step(status=400)

    server.then = only_local
    reading = Reading(deep, server, "gemini,openai_compatible")
    with capture_logs():
        opinion = await reading.opinion()
    assert (opinion.status, opinion.models) == ("complete", ("local-served",))
    assert [end.provider for end in reading.calls.ended.values()] == ["openai_compatible"]


async def test_a_provider_that_fails_again_and_again_is_left_alone_and_the_metrics_say_so(
    deep: DeepAnalysis, server: ModelServer
) -> None:
    server.then = lambda asked: Step(status=400)
    reading = Reading(deep, server, "openai_compatible")
    with capture_logs():
        async with text_model(reading.settings, reading.meter) as model:
            assert model is not None
            book = PromptBook(read_folder(PROMPTS), CONTRACTS)
            asking = PromptedModel(model, book, reading.calls, reading.meter, budget=PLENTY)
            reader = SecondReader(PromptedReader(asking), CountingMeter(), _here, at_once=1)
            turns = answers([SAID] * 7, Voice(clarity=(0.99,)))
            opinion = await reader.read(deep.analyse(material(turns), {}, lambda percent: None), LEARNER)
            await asking.aclose()
    assert opinion.missing == {"refused": 5, "paused": 2}
    assert len(server.asked) == 5
    assert 'speakmate_helper_up{name="openai_compatible"} 0.0' in exposition(reading.meter).decode()


async def test_a_name_stays_here_and_a_quote_with_it_still_stands(reading: Reading) -> None:
    said = (1, "Delnoza go to the park every day and I like it too")
    turns = answers([said], Voice(clarity=(0.99,)))
    reading.server.then = lambda asked: Step(
        reply([proposal("[NAME_1] go", "[NAME_1] goes", category="R:VERB:SVA")])
    )
    opinion = await reading.opinion(turns=turns, learner=replace(LEARNER, names=("Delnoza",)))
    assert not any("Delnoza" in asked.user for asked in reading.server.asked)
    ((_, analysis),) = opinion.answers
    (added,) = [f for f in analysis.language.findings if f.source == "llm"]
    assert (added.quote, added.correction) == ("Delnoza go", "Delnoza goes")
