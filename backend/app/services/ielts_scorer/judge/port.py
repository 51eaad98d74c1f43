"""Who judges features. Plain data: no prompt, no vendor."""

from dataclasses import dataclass
from typing import Protocol

from app.services.ielts_scorer.descriptors import JudgedSet
from app.services.ielts_scorer.judge.question import JudgeReply, JudgeVariables
from app.services.prompt_manager import OnBehalfOf


class UnreadableJudgement(ValueError):
    """The model replied, and not in the asked shape."""


@dataclass(frozen=True, slots=True)
class JudgeRequest:
    """One set of features to judge, and whose answers they are."""

    judged_set: JudgedSet
    learner: OnBehalfOf
    variables: JudgeVariables


@dataclass(frozen=True, slots=True)
class JudgeAnswer:
    """The reply, in the asked shape and otherwise not trusted; `prompt` is a label such as judge@1."""

    reply: JudgeReply
    model: str
    prompt: str


class FeatureJudge(Protocol):
    """A language model that judges one set of features at a time. May be called concurrently."""

    async def judge(self, request: JudgeRequest, *, timeout_s: float) -> JudgeAnswer:
        """Return the model's reply. Raises LanguageModelUnavailable and UnreadableJudgement."""
        ...
