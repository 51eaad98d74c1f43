"""What is found in each answer while the session goes on; in practice the learner is told at once."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import UUID

import structlog

from app.api.websocket.feedback import feedback_event
from app.api.websocket.journal import Journal
from app.api.websocket.parts import SessionParts
from app.api.websocket.protocol import ServerEvent, WarningEvent
from app.services.analysis_coordinator import LearnerTurn, TurnAnalysis
from app.services.session_store import TurnRecord

REPLY_S = 1.0
"""A reply that has not begun by then is no longer made way for."""

log = structlog.get_logger()


class TurnAnalyses:
    """The analyses of one session's answers by their place in the dialogue, stored with the turns.

    `own` starts a task that lives and dies with the session; `sound` reads a stretch of the stored signal;
    `replied` returns when the examiner's reply has begun, or none is to come: an analysis in an exam can wait
    for that, and would hold it up. `told` is called when the learner has been told about an answer, and None
    in an exam, where they are not.
    """

    def __init__(
        self,
        parts: SessionParts,
        journal: Journal,
        *,
        own: Callable[[Coroutine[None, None, None], str], asyncio.Task[None]],
        sound: Callable[[int, int], Awaitable[bytes]],
        replied: Callable[[], Awaitable[None]],
        told: Callable[[UUID], None] | None = None,
    ) -> None:
        self._parts = parts
        self._journal = journal
        self._own = own
        self._sound = sound
        self._replied = replied
        self._told = told
        self._under_way: dict[UUID, _Work] = {}
        self._done: dict[int, TurnAnalysis] = {}

    @property
    def done(self) -> list[TurnAnalysis]:
        """What was found so far, in the order of the answers."""
        return [self._done[index] for index in sorted(self._done)]

    def restore(self, analyses: Mapping[int, TurnAnalysis]) -> None:
        """Add what another process has found."""
        self._done.update(analyses)

    def begin(self, turn: LearnerTurn, record: TurnRecord) -> None:
        """Analyse an answer, then listen to it."""
        analysed = asyncio.get_running_loop().create_future()
        task = self._own(self._work_through(turn, record, analysed), "answer.analyse")
        work = self._under_way[record.id] = _Work(task, analysed)
        task.add_done_callback(lambda _: self._finished(record.id, work))

    def stop(self, turn_id: UUID) -> None:
        """Leave off with an answer that goes on."""
        if (work := self._under_way.get(turn_id)) is not None:
            work.task.cancel()

    async def settled(self, within_ms: int) -> None:
        """Return when all are analysed; what is not by then, and what is being listened to, is given up."""
        if self._under_way:
            analysed = [work.analysed for work in self._under_way.values()]
            await asyncio.wait(analysed, timeout=within_ms / 1000)
            for work in self._under_way.values():
                work.task.cancel()

    def _finished(self, turn_id: UUID, work: "_Work") -> None:
        work.analysed.cancel()
        if self._under_way.get(turn_id) is work:
            del self._under_way[turn_id]

    async def _work_through(
        self, turn: LearnerTurn, record: TurnRecord, analysed: asyncio.Future[None]
    ) -> None:
        if self._told is None:
            await self._make_way()
        elif turn.speech.text:
            await self._feed_back(turn, record, self._told)
        try:
            pcm = await self._sound(turn.speech.start_ms, turn.speech.end_ms)
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

    async def _make_way(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(REPLY_S):
                await self._replied()

    async def _feed_back(self, turn: LearnerTurn, record: TurnRecord, told: Callable[[UUID], None]) -> None:
        """Tell the learner what words and pauses show; listening to the sound takes too long for that."""
        try:
            analysis = await self._parts.analyse(turn, b"")
            event = feedback_event(turn, await self._parts.feedback(turn, analysis))
        except Exception:
            log.exception("answer.no_feedback", turn_id=turn.turn_id)
            self._journal.add(
                WarningEvent(
                    turn_id=turn.turn_id,
                    code="feedback_unavailable",
                    message="Nothing can be said about this answer now; it is kept for the analysis.",
                )
            )
            return
        # The event and its cause are stored together: a process that takes over repeats neither.
        self._keep(record, analysis, event)
        told(record.id)

    def _keep(self, record: TurnRecord, analysis: TurnAnalysis, *events: ServerEvent) -> None:
        self._done[record.index] = analysis
        self._journal.add(*events, turns=[replace(record, analysis=analysis.to_json())])


@dataclass(frozen=True, slots=True)
class _Work:
    """What is being done about an answer; `analysed` is set before it is listened to."""

    task: asyncio.Task[None]
    analysed: asyncio.Future[None]
