"""A judge that says what a test tells it to say."""

import asyncio
from collections.abc import Callable

from app.services.ielts_scorer.judge import JUDGE, JudgeAnswer, JudgeReply, JudgeRequest
from app.services.ielts_scorer.judge.question import Quote, Verdict

Script = Callable[[JudgeRequest], JudgeReply]
"""From a request to the reply; it may raise."""


def verdict(feature: str, state: str, *quotes: tuple[int, str]) -> Verdict:
    """A verdict resting on (answer, words) pairs."""
    return Verdict(feature, state, [Quote(*quote) for quote in quotes])  # type: ignore[arg-type]


def nothing(request: JudgeRequest) -> JudgeReply:
    """Judge nothing."""
    return JudgeReply([], [])


class ScriptedJudge:
    """Implements FeatureJudge; takes `delay_s` for each reply and remembers the requests.

    What the script returns goes through the wire's shape, as a model's reply would.
    """

    def __init__(self, script: Script = nothing, *, delay_s: float = 0.0) -> None:
        self._script = script
        self._delay_s = delay_s
        self.requests: list[JudgeRequest] = []

    async def judge(self, request: JudgeRequest, *, timeout_s: float) -> JudgeAnswer:
        """Reply by the script."""
        self.requests.append(request)
        await asyncio.sleep(self._delay_s)
        return JudgeAnswer(self._script(request), "scripted-1", f"{JUDGE.name}@1")
