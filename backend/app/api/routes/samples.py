"""A sample learner's answers: /api/v1/sessions/{id}/sample-answer."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.api.deps import CurrentUser, Parts
from app.api.errors import SessionNotFound, documented
from app.api.wav import WavFile
from app.services.conversation.practice_plan import Part
from app.services.sample_learner import SampleLearners, SampleQuestion
from app.services.speech import BYTES_PER_MS

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000)]


class NewSampleAnswer(BaseModel):
    """What the sample learner is asked."""

    model_config = ConfigDict(extra="forbid")

    text: _Text = Field(description="The question, or for the long turn all of the card.")
    part: Part | None = Field(None, description="null for the examiner's opening questions.")
    about: Annotated[str, StringConstraints(max_length=1_000)] = Field(
        "", description="How the examiner introduced the topic."
    )
    talk: bool = Field(False, description="Whether this is the long turn.")
    limit_ms: Annotated[int, Field(ge=1, le=600_000)] | None = Field(None, description="The time for it.")


def samples_router(learners: SampleLearners) -> APIRouter:
    """Return the route, answered by `learners`."""
    router = APIRouter(prefix="/sessions", tags=["sessions"], responses=documented(400, 401, 404, 422, 503))

    @router.post(
        "/{session_id}/sample-answer",
        response_class=Response,
        responses={200: {"content": {"audio/wav": {}}, "description": "16 kHz mono PCM16."}},
    )
    async def sample_answer(
        session_id: UUID, asked: NewSampleAnswer, user: CurrentUser, parts: Parts
    ) -> Response:
        """Return what a synthesised learner would answer, with a learner's mistakes, as a WAV file."""
        session = await parts.sessions.get(user.user_id, session_id)
        if session is None or session.status == "ended":
            raise SessionNotFound
        pcm = await learners.answer(session_id, SampleQuestion(**asked.model_dump()))
        wav = WavFile(0, len(pcm) // BYTES_PER_MS)
        body = wav.header + pcm[: wav.end_ms * BYTES_PER_MS]
        return Response(body, media_type="audio/wav", headers={"Cache-Control": "no-store"})

    return router
