"""A language model reads the answers after the rules did; whatever happens to it, the analysis goes on."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol, Self, TypeVar

import structlog

from app.services.analysis_coordinator.evidence import Analysed
from app.services.analysis_coordinator.material import LearnerTurn
from app.services.analysis_coordinator.turn import TurnAnalysis
from app.services.hybrid_analyzer.llm import (
    Answer,
    LanguageModel,
    ModelReply,
    Review,
    UnreadableReply,
    apply_reply,
    review_request,
)
from app.services.language_model import LanguageModelUnavailable, Unavailability
from app.services.prompt_manager import OnBehalfOf

T = TypeVar("T")

NoReply = Literal["unreadable", "error"] | Unavailability
Status = Literal["not_configured", "complete", "partial", "missing"]

ANSWER_LIMIT_S = 20.0
SESSION_LIMIT_S = 60.0
AT_ONCE = 4

log = structlog.get_logger(__name__)


class RunInPool(Protocol):
    """Runs a CPU-bound call off the event loop and returns its result."""

    async def __call__(self, work: Callable[[], T]) -> T:
        """Run `work` to its end, even when the caller is cancelled."""
        ...


class ReviewMeter(Protocol):
    """What is counted about the second reading."""

    def model_asked(self, outcome: Literal["replied"] | NoReply, seconds: float) -> None:
        """A model was asked about an answer, and replied or why not."""
        ...

    def proposals(self, outcome: str, count: int) -> None:
        """So many of the model's proposals were kept (`added`, `confirmed`, ...) or refused (the reason)."""
        ...


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """The answers after the second reading, and what became of it.

    `missing` counts by reason the answers that the model did not read though it was asked; `refused` counts
    by reason what of its replies was not kept.
    """

    answers: tuple[Analysed, ...]
    status: Status = "not_configured"
    models: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    reviewed: int = 0
    missing: Mapping[str, int] = field(default_factory=dict)
    proposals: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)

    def without(self, rule_ids: Set[str]) -> Self:
        """Return the opinion without what these rules, or a model in their place, said."""
        return replace(self, answers=tuple((turn, a.without(rule_ids)) for turn, a in self.answers))

    def to_json(self) -> dict[str, Any]:
        """Return everything but the answers, as plain JSON values."""
        return {
            "used": self.reviewed > 0,
            "status": self.status,
            "models": list(self.models),
            "prompts": list(self.prompts),
            "answers_reviewed": self.reviewed,
            "answers_missing": dict(self.missing),
            "proposals": dict(self.proposals),
            "refused": dict(self.refused),
        }


class SecondReader:
    """Has a model read the rated answers, a few at a time.

    `model` is None where none is configured. An answer waits `answer_limit_s` for its reply, a session
    `session_limit_s` in all; what is not there by then is missing.
    """

    def __init__(
        self,
        model: LanguageModel | None,
        meter: ReviewMeter,
        run_in_pool: RunInPool,
        *,
        answer_limit_s: float = ANSWER_LIMIT_S,
        session_limit_s: float = SESSION_LIMIT_S,
        at_once: int = AT_ONCE,
    ) -> None:
        self._model = model
        self._meter = meter
        self._run_in_pool = run_in_pool
        self._answer_limit_s = answer_limit_s
        self._session_limit_s = session_limit_s
        self._at_once = at_once

    async def read(self, answers: Sequence[Analysed], learner: OnBehalfOf) -> SecondOpinion:
        """Return the answers with what the model added. Never raises for anything the model does.

        Names and the identity check are not put before the model.
        """
        model = self._model
        if model is None:
            return SecondOpinion(tuple(answers))
        free = asyncio.Semaphore(self._at_once)
        until = asyncio.get_running_loop().time() + self._session_limit_s
        async with asyncio.TaskGroup() as group:
            asked = {
                turn.turn_id: group.create_task(
                    self._ask(model, _answer(turn, analysis), learner, free, until)
                )
                for turn, analysis in answers
                if turn.rated and analysis.language.words
            }
        replies = {turn_id: task.result() for turn_id, task in asked.items()}
        opinion = await self._run_in_pool(lambda: weigh(answers, replies))
        for name, count in (*opinion.proposals.items(), *opinion.refused.items()):
            self._meter.proposals(name, count)
        return opinion

    async def _ask(
        self,
        model: LanguageModel,
        answer: Answer,
        learner: OnBehalfOf,
        free: asyncio.Semaphore,
        until: float,
    ) -> ModelReply | NoReply:
        loop = asyncio.get_running_loop()
        began = loop.time()
        outcome: NoReply
        try:
            async with asyncio.timeout_at(until), free:
                began = loop.time()
                limit_s = min(self._answer_limit_s, until - began)
                async with asyncio.timeout(limit_s):
                    reply = await model.review(review_request(answer, learner), timeout_s=limit_s)
        except TimeoutError:
            outcome = "late"
            log.warning("llm.late", turn_id=answer.turn_id)
        except LanguageModelUnavailable as unavailable:
            outcome = unavailable.why
            log.warning("llm.unavailable", turn_id=answer.turn_id, why=outcome, reason=str(unavailable))
        except UnreadableReply as unreadable:
            outcome = "unreadable"
            log.warning("llm.reply_unreadable", turn_id=answer.turn_id, reason=str(unreadable)[:200])
        except Exception:
            outcome = "error"
            log.exception("llm.failed", turn_id=answer.turn_id)
        else:
            self._meter.model_asked("replied", loop.time() - began)
            return reply
        self._meter.model_asked(outcome, loop.time() - began)
        return outcome


def weigh(answers: Sequence[Analysed], replies: Mapping[str, ModelReply | NoReply]) -> SecondOpinion:
    """Return the answers with what stands of the replies to them, by turn id; CPU-bound."""
    after: list[Analysed] = []
    reviews: list[Review] = []
    models: set[str] = set()
    prompts: set[str] = set()
    missing: Counter[str] = Counter()
    for turn, analysis in answers:
        language = analysis.language
        match replies.get(turn.turn_id):
            case None:
                pass
            case ModelReply() as reply:
                try:
                    review = apply_reply(_answer(turn, analysis), reply.text)
                except UnreadableReply as unreadable:
                    missing["unreadable"] += 1
                    language = replace(language, llm="missing")
                    log.warning("llm.reply_unreadable", turn_id=turn.turn_id, reason=str(unreadable)[:200])
                else:
                    language = review.language
                    reviews.append(review)
                    models.add(reply.model)
                    prompts.add(reply.prompt)
            case str(outcome):
                missing[outcome] += 1
                language = replace(language, llm="missing")
        after.append((turn, replace(analysis, language=language)))
    refused: Counter[str] = Counter()
    for review in reviews:
        refused.update(review.refused)
    return SecondOpinion(
        answers=tuple(after),
        status="complete" if not missing else "partial" if reviews else "missing",
        models=tuple(sorted(models)),
        prompts=tuple(sorted(prompts)),
        reviewed=len(reviews),
        missing=dict(missing),
        proposals={
            "added": sum(r.added for r in reviews),
            "corroborated": sum(r.corroborated for r in reviews),
            "confirmed": sum(r.confirmed for r in reviews),
            "declined": sum(r.declined for r in reviews),
        },
        refused=dict(refused),
    )


def _answer(turn: LearnerTurn, analysis: TurnAnalysis) -> Answer:
    return Answer(
        turn_id=turn.turn_id,
        part=turn.part,
        question=turn.question,
        text=turn.speech.text,
        words=turn.speech.words,
        language=analysis.language,
    )
