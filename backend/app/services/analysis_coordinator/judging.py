"""A language model judges what needs meaning; whatever happens to it, the analysis goes on."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from app.services.analysis_coordinator.evidence import Analysed
from app.services.analysis_coordinator.second_opinion import NoReply, ReviewMeter, Status
from app.services.ielts_scorer import Evidence, Judgement
from app.services.ielts_scorer.judge import (
    JUDGED_SETS,
    FeatureJudge,
    JudgeAnswer,
    JudgedSet,
    Statement,
    UnreadableJudgement,
    Verified,
    judge_request,
    verified,
)
from app.services.language_model import LanguageModelUnavailable
from app.services.prompt_manager import OnBehalfOf

SET_LIMIT_S = 30.0
LEAST_WORDS = 40
"""Fewer words allow no band, so there is nothing to judge for."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Judged:
    """What stands of a model's judgements, and what became of the rest.

    `off_topic` are beginnings of answers that do not answer their question. `missing` says by set of features
    why it was not judged though it was asked for; `refused` counts by reason what was not kept.
    """

    status: Status = "not_configured"
    judgements: Mapping[str, Judgement] = field(default_factory=dict)
    off_topic: tuple[Evidence, ...] = ()
    models: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return everything but the judgements, which stand with their features, as plain JSON values."""
        return {
            "status": self.status,
            "models": list(self.models),
            "prompts": list(self.prompts),
            "features_judged": len(self.judgements),
            "sets_missing": dict(self.missing),
            "refused": dict(self.refused),
        }


NOT_JUDGED = Judged()


class Judging:
    """Has a model judge the rated answers, one set of features at a time, all sets at once.

    `judge` is None where none is configured. A set waits `limit_s` for its reply; what is not there by then
    is missing.
    """

    def __init__(
        self, judge: FeatureJudge | None, meter: ReviewMeter, *, limit_s: float = SET_LIMIT_S
    ) -> None:
        self._judge = judge
        self._meter = meter
        self._limit_s = limit_s

    async def judge(self, answers: Sequence[Analysed], learner: OnBehalfOf) -> Judged:
        """Return what stands of the judgements. Never raises for anything the model does."""
        judge = self._judge
        rated = [(turn, a) for turn, a in answers if turn.rated and a.language.words]
        if judge is None or sum(a.language.words for _, a in rated) < LEAST_WORDS:
            return NOT_JUDGED
        statements = [
            Statement(turn.turn_id, turn.part, turn.question, turn.speech.text, turn.speech.words)
            for turn, _ in rated
        ]
        async with asyncio.TaskGroup() as group:
            asked = {
                name: group.create_task(self._ask(judge, name, statements, learner)) for name in JUDGED_SETS
            }
        judged = _together({name: task.result() for name, task in asked.items()}, statements)
        for reason, count in (("judged", len(judged.judgements)), *judged.refused.items()):
            self._meter.proposals(reason, count)
        return judged

    async def _ask(
        self, judge: FeatureJudge, name: JudgedSet, statements: Sequence[Statement], learner: OnBehalfOf
    ) -> JudgeAnswer | NoReply:
        loop = asyncio.get_running_loop()
        began = loop.time()
        outcome: NoReply
        try:
            async with asyncio.timeout(self._limit_s):
                answer = await judge.judge(judge_request(name, statements, learner), timeout_s=self._limit_s)
        except TimeoutError:
            outcome = "late"
            log.warning("judge.late", set=name)
        except LanguageModelUnavailable as unavailable:
            outcome = unavailable.why
            log.warning("judge.unavailable", set=name, why=outcome, reason=str(unavailable))
        except UnreadableJudgement as unreadable:
            outcome = "unreadable"
            log.warning("judge.reply_unreadable", set=name, reason=str(unreadable)[:200])
        except Exception:
            outcome = "error"
            log.exception("judge.failed", set=name)
        else:
            self._meter.model_asked("replied", loop.time() - began)
            return answer
        self._meter.model_asked(outcome, loop.time() - began)
        return outcome


def _together(replies: Mapping[JudgedSet, JudgeAnswer | NoReply], statements: Sequence[Statement]) -> Judged:
    checked: list[Verified] = []
    given: list[JudgeAnswer] = []
    missing: dict[str, str] = {}
    for name, reply in replies.items():
        if isinstance(reply, JudgeAnswer):
            checked.append(verified(name, reply, statements))
            given.append(reply)
        else:
            missing[name] = reply
    refused: Counter[str] = Counter()
    for one in checked:
        refused.update(one.refused)
    return Judged(
        status="complete" if not missing else "partial" if checked else "missing",
        judgements={feature: j for one in checked for feature, j in one.judgements.items()},
        off_topic=tuple(place for one in checked for place in one.off_topic),
        models=tuple(sorted({reply.model for reply in given})),
        prompts=tuple(sorted({reply.prompt for reply in given})),
        missing=missing,
        refused=dict(refused),
    )
