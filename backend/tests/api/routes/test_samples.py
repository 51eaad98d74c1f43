"""A sample learner answers what it is asked, for the learner whose session it is."""

import io
import wave
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from app.api.routes import API_PREFIX
from app.api.routes.samples import samples_router
from app.services.sample_learner import SampleQuestion
from tests.api.conftest import problem

PCM = bytes(range(200)) * 16 + b"\1\2"


class OneAnswer:
    """SampleLearners that keep what they were asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[UUID, SampleQuestion]] = []

    async def answer(self, session_id: UUID, question: SampleQuestion) -> bytes:
        self.asked.append((session_id, question))
        return PCM


@pytest.fixture
def learners(app: FastAPI) -> OneAnswer:
    learners = OneAnswer()
    app.include_router(samples_router(learners), prefix=API_PREFIX)
    return learners


async def session_of(client: httpx.AsyncClient) -> str:
    created = await client.post("/api/v1/sessions", json={"mode": "quick"})
    return str(created.json()["id"])


async def test_the_answer_is_a_wav_of_what_was_said(as_alice: httpx.AsyncClient, learners: OneAnswer) -> None:
    session = await session_of(as_alice)
    path = f"/api/v1/sessions/{session}/sample-answer"
    answer = await as_alice.post(path, json={"text": "Where do you live?", "part": 1, "about": "Your home."})
    assert answer.status_code == 200
    with wave.open(io.BytesIO(answer.content)) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (16_000, 1, 2)
        assert wav.readframes(wav.getnframes()) == PCM[: len(PCM) // 32 * 32]
    assert learners.asked == [(UUID(session), SampleQuestion("Where do you live?", 1, "Your home."))]


@pytest.mark.parametrize("body", [{}, {"text": " "}, {"text": "x", "part": 4}, {"text": "x", "limit_ms": 0}])
async def test_a_question_that_is_none_is_refused(
    as_alice: httpx.AsyncClient, learners: OneAnswer, body: dict[str, object]
) -> None:
    path = f"/api/v1/sessions/{await session_of(as_alice)}/sample-answer"
    assert (await as_alice.post(path, json=body)).status_code == 422
    assert learners.asked == []


async def test_nobody_else_has_answers_for_a_session(
    as_alice: httpx.AsyncClient, as_bob: httpx.AsyncClient, learners: OneAnswer
) -> None:
    path = f"/api/v1/sessions/{await session_of(as_alice)}/sample-answer"
    answer = await as_bob.post(path, json={"text": "Where do you live?"})
    assert problem(answer)["code"] == "session_not_found"
    assert learners.asked == []
