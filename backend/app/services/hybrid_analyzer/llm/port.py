"""What is asked of a second reader. Plain data: no prompt, no vendor."""

from dataclasses import dataclass
from typing import Protocol

from app.services.hybrid_analyzer.llm.question import ReviewVariables
from app.services.prompt_manager import OnBehalfOf


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """One answer to read, and whose it is."""

    turn_id: str
    learner: OnBehalfOf
    variables: ReviewVariables


@dataclass(frozen=True, slots=True)
class ModelReply:
    """The model's reply: `text` is JSON of the asked shape, item by item not trusted.

    `prompt` is the version of the prompt that was used, such as review@1.
    """

    text: str
    model: str
    prompt: str


class LanguageModel(Protocol):
    """A model that reads one answer at a time. May be called concurrently."""

    async def review(self, request: ReviewRequest, *, timeout_s: float) -> ModelReply:
        """Return the model's reply. Raises LanguageModelUnavailable and UnreadableReply."""
        ...
