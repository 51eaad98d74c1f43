"""A language model that says what a test tells it to say."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from app.services.hybrid_analyzer.llm import ModelReply, ReviewRequest

Script = Callable[[dict[str, Any]], str]
"""From the variables of a request to the text of the reply; it may raise."""


def proposal(quote: str, correction: str, **changes: Any) -> dict[str, Any]:
    """A proposal that is in order, as JSON values; `changes` replace fields."""
    return {
        "quote": quote,
        "correction": correction,
        "category": "R:VERB:TENSE",
        "severity": "medium",
        "confidence": 0.9,
        "explanation": "The time was over, so English uses the past here.",
        "explanation_uz": "Vaqt o‘tib ketgan, shuning uchun ingliz tilida o‘tgan zamon kerak.",
        **changes,
    }


def reply(
    findings: Sequence[dict[str, Any]] = (), verdicts: Sequence[dict[str, Any]] = (), **more: Any
) -> str:
    """A reply as a model writes it."""
    return json.dumps({"findings": list(findings), "verdicts": list(verdicts), **more})


class ScriptedModel:
    """Implements LanguageModel; takes `delay_s` for each reply and remembers the requests."""

    def __init__(self, script: Script | str, *, delay_s: float = 0.0) -> None:
        self._script: Script = script if callable(script) else lambda data: script
        self._delay_s = delay_s
        self.requests: list[ReviewRequest] = []
        self.at_once = 0
        self.most_at_once = 0

    async def review(self, request: ReviewRequest, *, timeout_s: float) -> ModelReply:
        """Reply by the script."""
        self.requests.append(request)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self._delay_s)
            return ModelReply(self._script(msgspec.to_builtins(request.variables)), "scripted-1", "review@1")
        finally:
            self.at_once -= 1


class CountingMeter:
    """Implements WorkerMeter in lists."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, float]] = []
        self.outcomes: dict[str, int] = {}
        self.jobs: list[tuple[str, str]] = []

    def job_attempted(self, kind: str, outcome: str, seconds: float) -> None:
        """Note it."""
        self.jobs.append((kind, outcome))

    def model_asked(self, outcome: str, seconds: float) -> None:
        """Note it."""
        self.asked.append((outcome, seconds))

    def proposals(self, outcome: str, count: int) -> None:
        """Note it."""
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + count
