"""Sits an exam: hands the server's events to the view, and the examiner's questions to the learner."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from app.api.websocket.protocol import (
    AiReply,
    AnalysisReady,
    CueCard,
    ErrorEvent,
    ExamPhase,
    GoAway,
    ServerMessage,
    SttFinal,
    SttPartial,
    SummaryReady,
    TurnState,
    WarningEvent,
)
from app.services.sample_learner import SampleQuestion
from client import LiveExam, Spoken
from demo.learner import Learner

TALK_PHASE = "p2_talk"
MORE_SHARE = 3
"""Asked to say more, the learner adds up to one third of the long turn."""


class View(Protocol):
    """Where the dialogue is shown. Times are milliseconds of the session's microphone."""

    def examiner(self, at_ms: int, text: str) -> None:
        """The examiner says a line."""
        ...

    def card(self, card: CueCard, preparation_ms: int | None) -> None:
        """The learner is handed the card."""
        ...

    def learner(self, at_ms: int, text: str) -> None:
        """What the learner said, as recognised."""
        ...

    def partial(self, at_ms: int, text: str) -> None:
        """What the learner is saying, as recognised so far."""
        ...

    def note(self, text: str) -> None:
        """Something worth knowing."""
        ...

    def working(self, what: str, seconds: int) -> None:
        """The server has been at work on something for so long."""
        ...


class Conductor:
    """One exam from the first event to the analysis."""

    def __init__(self, exam: LiveExam, learner: Learner, view: View) -> None:
        self._exam = exam
        self._learner = learner
        self._view = view
        self._thinking = ThreadPoolExecutor(max_workers=1, thread_name_prefix="learner")
        self._listening = asyncio.Event()
        self._answering: asyncio.Task[None] | None = None
        self._working: asyncio.Task[None] | None = None
        self._spoken: Spoken | None = None
        self._talk: ExamPhase | None = None
        self._about = ""
        self.analysed: AnalysisReady | None = None

    async def run(self) -> None:
        """Return when the analysis has been announced, or the server has closed in good order.

        Raises ClientError as the exam does.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                async for event in self._exam:
                    self._take(event, tasks)
                    if self.analysed is not None:
                        break
                self._stop_answering()
                if self._working is not None:
                    self._working.cancel()
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures  # what came after it only followed from it
        finally:
            self._thinking.shutdown(wait=False, cancel_futures=True)

    def _take(self, event: ServerMessage, tasks: asyncio.TaskGroup) -> None:
        match event:
            case AiReply():
                self._hear(event, tasks)
            case ExamPhase():
                self._enter(event, tasks)
            case TurnState():
                self._turn(event, tasks)
            case SttPartial():
                self._view.partial(event.start_ms, event.text)
            case SttFinal() if event.text:
                self._view.learner(event.start_ms, event.text)
            case WarningEvent():
                self._view.note(f"Warning: {event.message}")
            case GoAway():
                self._view.note("The server is about to close.")
            case ErrorEvent():
                self._view.note(f"Refused: {event.message} [{event.code}]")
            case SummaryReady():
                self._stop_answering()
                self._working = tasks.create_task(self._show_work())
            case AnalysisReady():
                self.analysed = event
            case _:
                pass

    def _hear(self, line: AiReply, tasks: asyncio.TaskGroup) -> None:
        """The examiner has the word: whatever was being said is over."""
        self._stop_answering()
        self._listening.clear()
        if self._spoken is not None:
            heard_ms = line.start_ms - self._spoken.start_ms
            self._spoken = None
            self._exam.hush()
            self._learner.turn_taken(heard_ms)
        self._view.examiner(line.start_ms, line.text)
        if not line.expects_answer:
            self._about = line.text if line.kind == "transition" else self._about
            return
        if self._talk is not None and self._talk.card is not None:
            limit_ms = (self._talk.limit_ms or 0) // MORE_SHARE or None
            question = SampleQuestion(_card_text(self._talk.card), 2, talk=True, limit_ms=limit_ms)
        else:
            question = SampleQuestion(line.text, line.part, self._about)
        self._answering = tasks.create_task(self._answer(question))

    def _enter(self, phase: ExamPhase, tasks: asyncio.TaskGroup) -> None:
        talking = phase.phase == TALK_PHASE
        self._talk = phase if talking else None
        if phase.card is None:
            return
        if not talking:
            self._view.card(phase.card, phase.limit_ms)
            return
        self._stop_answering()
        question = SampleQuestion(_card_text(phase.card), 2, talk=True, limit_ms=phase.limit_ms)
        self._answering = tasks.create_task(self._answer(question))

    def _turn(self, turn: TurnState, tasks: asyncio.TaskGroup) -> None:
        match turn.state:
            case "listening" | "learner_speaking":
                self._listening.set()
            case "preparing" if not self._learner.prepares:
                tasks.create_task(self._exam.ready())
            case "ended":
                self._stop_answering()
            case _:
                self._listening.clear()

    async def _answer(self, question: SampleQuestion) -> None:
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._thinking, self._learner.answer, question)
        await self._listening.wait()
        if answer is None:
            self._view.note("Everything was said: the learner ends the exam.")
            await self._exam.end("everything was said")
            return
        self._spoken = spoken = self._exam.say(answer.speech)
        await self._exam.quiet()
        if answer.says_so:
            await self._exam.end_of_turn(spoken.start_ms)

    def _stop_answering(self) -> None:
        if self._answering is not None:
            self._answering.cancel()
            self._answering = None

    async def _show_work(self) -> None:
        seconds = 0
        while True:
            self._view.working("analysing the answers", seconds)
            await asyncio.sleep(1)
            seconds += 1


def _card_text(card: CueCard) -> str:
    return " ".join([card.topic, *card.prompts, card.final_prompt])
