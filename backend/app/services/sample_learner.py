"""A sample learner: shows a session to somebody who does not want to speak yet."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from app.services.conversation.practice_plan import Part


@dataclass(frozen=True, slots=True)
class SampleQuestion:
    """What the sample learner was asked.

    `text` is for the long turn (`talk`) all of the card, `limit_ms` the time there is for it; `about` is how
    the examiner introduced the topic; `part` is None for the opening questions.
    """

    text: str
    part: Part | None = None
    about: str = ""
    talk: bool = False
    limit_ms: int | None = None


class SampleLearners(Protocol):
    """Sample learners, one for each session."""

    async def answer(self, session_id: UUID, question: SampleQuestion) -> bytes:
        """Return what the session's learner says, as 16 kHz mono PCM16."""
        ...
