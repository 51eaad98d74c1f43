"""What is put before the model about an answer, and that the prompt asks for what is checked afterwards."""

import json
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.config import PROMPTS
from app.contracts import CONTRACTS
from app.services.hybrid_analyzer import LanguageAnalysis
from app.services.hybrid_analyzer.legible import MAX_CHARS
from app.services.hybrid_analyzer.llm import REVIEW, Answer, ReviewVariables, review_request
from app.services.hybrid_analyzer.llm.categories import CATEGORIES
from app.services.prompt_manager import OnBehalfOf, Prompt, PromptBook, read_folder

LEARNER = OnBehalfOf(UUID(int=1), UUID(int=2))


def variables(text: str) -> ReviewVariables:
    return review_request(
        Answer("t1", 2, "Describe a park.", text, (), LanguageAnalysis()), LEARNER
    ).variables


@pytest.fixture(scope="module")
def prompt() -> Prompt:
    return PromptBook(read_folder(PROMPTS), CONTRACTS).choose(REVIEW.name, "anybody")


def test_what_is_sent_is_the_answer_and_what_is_known_of_it() -> None:
    assert variables("I like it") == ReviewVariables(2, "Describe a park.", "I like it", [], [])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200))
def test_any_speech_stays_between_the_two_lines(prompt: Prompt, text: str) -> None:
    sent = prompt.render(msgspec.to_builtins(variables(text)))
    _, fence, data, end = sent.user.split("\n")
    assert fence.startswith("<<<DATA-")
    assert end == f"{fence[3:]}>>>"
    assert fence[3:] in sent.system
    assert json.loads(data)["answer"] == text.encode("utf-8", "replace").decode()


@pytest.mark.parametrize("text", ["word " * 50_000, "\ud800" * 50_000])
def test_an_endless_answer_is_sent_as_far_as_it_is_read(text: str) -> None:
    assert len(variables(text).answer) == MAX_CHARS


def test_the_prompt_asks_for_exactly_the_types_that_are_accepted(prompt: Prompt) -> None:
    finding = prompt.reply_schema["properties"]["findings"]["items"]["properties"]
    assert set(finding["category"]["enum"]) == CATEGORIES
    assert "R:PUNCT" not in CATEGORIES
