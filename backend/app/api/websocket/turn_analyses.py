"""What is found in each answer while the exam goes on."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace

import structlog

from app.api.websocket.answer import Answer
from app.api.websocket.journal import Journal
from app.api.websocket.parts import SessionParts
from app.api.websocket.transcripts import kind_of
from app.services.analysis_coordinator import LearnerTurn, TurnAnalysis
from app.services.session_store import TurnRecord
from app.services.speech import SpokenTurn

log = structlog.get_logger()


class TurnAnalyses:
    """The analyses of one session's answers by their place in the dialogue, stored with the turns.

    `own` starts a task that lives and dies with the session; `sound` reads a stretch of the stored signal.
    """

    def __init__(
        self,
        parts: SessionParts,
        journal: Journal,
        *,
        own: Callable[[Coroutine[None, None, None], str], asyncio.Task[None]],
        sound: Callable[[int, int], Awaitable[bytes]],
    ) -> None:
        self._parts = parts
        self._journal = journal
        self._own = own
        self._sound = sound
        self._under_way: dict[asyncio.Task[None], asyncio.Future[None]] = {}
        self._done: dict[int, TurnAnalysis] = {}

    @property
    def done(self) -> list[TurnAnalysis]:
        """What was found so far, in the order of the answers."""
        return [self._done[index] for index in sorted(self._done)]

    def restore(self, analyses: Mapping[int, TurnAnalysis]) -> None:
        """Add what another process has found."""
        self._done.update(analyses)

    def begin(self, answer: Answer, spoken: SpokenTurn, record: TurnRecord) -> asyncio.Task[None]:
        """Analyse an answer, then listen to it; cancel the returned task when the answer goes on."""
        analysed = asyncio.get_running_loop().create_future()
        task = self._own(self._work_through(answer, spoken, record, analysed), "answer.analyse")
        self._under_way[task] = analysed
        task.add_done_callback(self._finished)
        return task

    async def settled(self, within_ms: int) -> None:
        """Return when all are analysed; what is not by then, and what is being listened to, is given up."""
        if self._under_way:
            await asyncio.wait(self._under_way.values(), timeout=within_ms / 1000)
            for task in self._under_way:
                task.cancel()

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._under_way.pop(task).cancel()

    async def _work_through(
        self, answer: Answer, spoken: SpokenTurn, record: TurnRecord, analysed: asyncio.Future[None]
    ) -> None:
        turn = LearnerTurn(
            turn_id=str(answer.id),
            index=record.index,
            part=answer.listen.part or 1,
            question_id=answer.listen.question_id,
            question=answer.question.text,
            speech=spoken,
            kind=kind_of(answer),
        )
        try:
            pcm = await self._sound(spoken.start_ms, spoken.end_ms)
            analysis = await self._parts.analyse(turn, pcm)
        except Exception:
            # The deep analysis works from what is stored; only the fast summary lacks this answer.
            log.exception("answer.not_analysed", turn_id=turn.turn_id)
            return
        self._keep(record, analysis)
        analysed.set_result(None)
        try:
            heard = await self._parts.listen(turn, self._sound)
        except Exception:
            log.exception("answer.not_listened_to", turn_id=turn.turn_id)
            return
        if heard is not None:
            self._keep(record, replace(analysis, pronunciation=heard))

    def _keep(self, record: TurnRecord, analysis: TurnAnalysis) -> None:
        self._done[record.index] = analysis
        self._journal.add(turns=[replace(record, analysis=analysis.to_json())])
