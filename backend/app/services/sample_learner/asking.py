"""What a sample learner is asked, and the port that its users ask."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SampleQuestion:
    """What the sample learner was asked.

    `text` is for the long turn (`talk`) all of the card, `limit_ms` the time there is for it; `about` is how
    the examiner introduced the topic; `part` is 1-3, and None for the opening questions, which are not rated.
    """

    text: str
    part: int | None = None
    about: str = ""
    talk: bool = False
    limit_ms: int | None = None


class SampleLearners(Protocol):
    """Sample learners, one for each session."""

    async def answer(self, session_id: UUID, question: SampleQuestion) -> bytes:
        """Return what the session's learner says, as 16 kHz mono PCM16."""
        ...
