"""The examiner's own words in Part 3, from a language model, if they come in time and keep to the rules."""

import asyncio
from dataclasses import replace
from typing import Protocol, assert_never

import structlog

from app.services.conversation.examiner_prompts import (
    FOLLOW_UP,
    REPHRASE,
    ExaminerLine,
    FollowUpVariables,
    RephraseVariables,
)
from app.services.conversation.wording import WordingWanted, broken_rule, may_be_worded
from app.services.language_model import LanguageModelUnavailable
from app.services.prompt_manager import OnBehalfOf, PromptedModel, Reply, ReplyMalformed

LIMIT_S = 0.8
"""A learner waits for this line: what is not there by then is not said."""

log = structlog.get_logger(__name__)


class WordingMeter(Protocol):
    """What is counted about lines that might be worded."""

    def line_worded(self, outcome: str) -> None:
        """A line was `worded`, or was said as scripted for this reason."""
        ...


class WordedExaminer:
    """Words lines; whatever goes wrong, the scripted line stands."""

    def __init__(self, model: PromptedModel, meter: WordingMeter, *, limit_s: float = LIMIT_S) -> None:
        self._model = model
        self._meter = meter
        self._limit_s = limit_s

    async def word(self, learner: OnBehalfOf, wanted: WordingWanted) -> str | None:
        """Return a line that keeps to the rules, or None for the scripted one, within the limit."""
        line, outcome = await self._tried(replace(learner, names=wanted.names), wanted)
        self._meter.line_worded(outcome)
        log.info("examiner.worded", kind=wanted.kind, outcome=outcome, session_id=str(learner.session_id))
        return line

    async def _tried(self, learner: OnBehalfOf, wanted: WordingWanted) -> tuple[str | None, str]:
        if not may_be_worded(wanted):
            return None, "spoken_to"
        try:
            async with asyncio.timeout(self._limit_s):
                reply = await self._asked(learner, wanted)
        except TimeoutError:
            return None, "late"
        except LanguageModelUnavailable as unavailable:
            return None, unavailable.why
        except ReplyMalformed:
            return None, "malformed"
        except Exception:
            log.exception("examiner.wording_failed")
            return None, "error"
        line = " ".join(reply.value.line.split())
        broken = broken_rule(line, wanted)
        return (line, "worded") if broken is None else (None, broken)

    async def _asked(self, learner: OnBehalfOf, wanted: WordingWanted) -> Reply[ExaminerLine]:
        match wanted.kind:
            case "rephrase":
                simpler = RephraseVariables(wanted.question, wanted.scripted)
                return await self._model.ask(REPHRASE, simpler, learner, timeout_s=self._limit_s)
            case "follow_up":
                answered = FollowUpVariables(wanted.question, wanted.answer, wanted.scripted)
                return await self._model.ask(FOLLOW_UP, answered, learner, timeout_s=self._limit_s)
            case _:
                assert_never(wanted.kind)
