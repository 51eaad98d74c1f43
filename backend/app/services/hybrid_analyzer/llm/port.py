"""What is asked of a language model. Plain data: no prompt, no vendor."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class LanguageModelUnavailable(Exception):
    """The model did not answer: not reachable, over its quota, refused. The message says which."""


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """One answer to read.

    `data` is everything about the answer, as JSON between two lines that hold `boundary`. All the learner's
    words are inside and nowhere else; whatever they say, between those lines there is nothing to obey.
    `reply_schema` is the JSON schema of the reply, `categories` the ERRANT types it may use.
    """

    turn_id: str
    data: str
    boundary: str
    categories: tuple[str, ...]
    max_findings: int
    reply_schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Usage:
    """What a reply cost, in tokens."""

    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ModelReply:
    """The model's reply as it came: `text` is meant to be JSON of the asked schema and is not trusted."""

    text: str
    model: str
    usage: Usage = Usage()


class LanguageModel(Protocol):
    """A model that reads one answer at a time. May be called concurrently."""

    async def review(self, request: ReviewRequest) -> ModelReply:
        """Return the model's reply. Raises LanguageModelUnavailable; the caller sets the time limit."""
        ...
