"""Running an exam: what happens is told to it, what it says is done, and its deadlines are kept."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, assert_never
from uuid import UUID

from app.api.websocket.answer import Question
from app.api.websocket.answer_transcripts import AnswerDone
from app.api.websocket.answers import Answers
from app.api.websocket.clock import Clock
from app.api.websocket.conditions import Conditions
from app.api.websocket.held_reply import HeldReply
from app.api.websocket.journal import Journal
from app.api.websocket.latency import LatencyWatch, Meter
from app.api.websocket.lines import Lines
from app.api.websocket.live_state import SavedReply
from app.api.websocket.microphone import Heard, Microphone
from app.api.websocket.protocol import CueCard, ExamPhase, TurnStateName
from app.services.conversation import (
    Action,
    AnswerEnded,
    AskAgain,
    EndRequested,
    EnterPhase,
    Exam,
    ExamEvent,
    Finish,
    Line,
    LineFinished,
    Listen,
    MoveOn,
    Paused,
    Phase,
    PrepReady,
    Processing,
    Resumed,
    Say,
    SpeechStopped,
    StopListening,
    Tick,
    WordingWanted,
)

_WAITING_IN: Mapping[Phase, TurnStateName] = MappingProxyType(
    {Phase.P2_PREP: "preparing", Phase.REVIEW: "reviewing"}
)
"""Phases in which nobody speaks."""


class ExamRunner:
    """Binds the pure exam to the lines that are spoken, the answers that are heard, and the log.

    `finished` is the reason for the end once there is one.
    """

    def __init__(
        self,
        exam: Exam,
        *,
        lines: Lines,
        answers: Answers,
        microphone: Microphone,
        journal: Journal,
        clock: Clock,
        conditions: Conditions,
        watch: LatencyWatch,
        meter: Meter,
        word: Callable[[WordingWanted], Awaitable[str | None]],
    ) -> None:
        self._exam = exam
        self._word = word
        self._lines = lines
        self._answers = answers
        self._microphone = microphone
        self._journal = journal
        self._clock = clock
        self._conditions = conditions
        self._meter = meter
        self._watch = watch
        self._question = Question("", "question")
        self._processing = False
        self._thinking = False
        self._away = False
        self._held: HeldReply | None = None
        self._played = ""
        self.finished: str | None = None

    @property
    def phase(self) -> str:
        """Where the exam stands."""
        return self._exam.phase.value

    @property
    def phase_remaining_ms(self) -> int | None:
        """Exam time left in the phase, None if it has no limit."""
        return self._exam.phase_remaining_ms(self._clock.now_ms())

    @property
    def entered(self) -> ExamPhase:
        """The phase as it was announced."""
        return _phase(self._exam.entered)

    @property
    def elapsed_ms(self) -> int:
        """Exam time spent."""
        return self._exam.elapsed_ms(self._clock.now_ms())

    @property
    def question(self) -> Question:
        """What the learner was asked last."""
        return self._question

    def saved(self) -> dict[str, Any]:
        """Return the exam's snapshot."""
        return self._exam.snapshot()

    def saved_reply(self) -> SavedReply | None:
        """Return the reply that may still be taken back."""
        return None if self._held is None else self._held.saved()

    def restore(self, question: Question, reply: SavedReply | None) -> None:
        """Go on with an exam that another process held: the learner is away, and nothing is under way."""
        self._question = question
        if reply is not None:
            self._held = HeldReply(
                self._answers.reborn(reply.answer),
                reply.ended_ms,
                before=reply.before,
                processing=reply.processing,
                sounded_ms=reply.sounded_ms,
                counted=reply.counted,
            )
        self._tell(Processing(False))
        self._tell(SpeechStopped())
        self.pause()

    def caught_up(self) -> None:
        """What another process had heard has been heard again: an answer that was cut is complete."""
        if self._exam.turn_open and not self._exam.listening:
            self._thinking = self._answers.end(insist=True) is not None
        self._watch.forget()

    def keep_time(self) -> None:
        """Count exam time up to now, for the checkpoint."""
        self._tell(Tick())

    @property
    def pending_lines(self) -> tuple[Line, ...]:
        """Lines that were said and not yet heard to their end."""
        return self._exam.pending_lines

    def start(self) -> None:
        """Begin the exam."""
        self._do(self._exam.start(self._clock.now_ms()))

    def pause(self) -> None:
        """The learner is away: exam time stands still."""
        self._away = True
        self._watch.forget()
        self._tell(Paused())

    def resume(self) -> None:
        """The learner is back."""
        self._away = False
        self._tell(Resumed())

    def prepared(self) -> None:
        """The learner wants to begin the talk."""
        self._tell(PrepReady())

    def choose(self, choice: AskAgain | MoveOn) -> None:
        """In practice: the question again, or the next one; an answer that is open is taken down first."""
        if self._exam.phase is Phase.CLOSE:
            return
        self._let_go()
        self._watch.forget()
        self._lines.clear()
        self._tell(choice)
        self._journal.add()

    def feedback_given(self, turn_id: UUID) -> None:
        """The learner has been told about an answer: what they say from now on is not part of it."""
        held = self._held
        if held is not None and held.answer.id == turn_id and held.sounded_ms is None:
            held.sounded_ms = self._microphone.position_ms

    def request_end(self) -> None:
        """Stop: the examiner falls silent, the open answer is still taken down, then the exam finishes."""
        self._let_go()
        self._lines.clear()
        self._tell(EndRequested())

    def hear(self, heard: Heard) -> None:
        """Take a piece of the microphone signal."""
        self._tell_all(self._answers.hear(heard))
        if self._held is not None:
            self._overhear(self._held, heard)
        if self._answers.over(self._clock.now_ms()):
            self._end_answer()

    def answer_committed(self, audio_end_ms: int) -> None:
        """The learner says that the answer ends here; a word about an earlier answer changes nothing."""
        answer = self._answers.current
        if answer is not None and audio_end_ms > answer.listened_ms:
            self._watch.forget()
            self._answers.end(insist=True)
            self._thinking = True

    async def worded(self, event: AnswerEnded) -> AnswerEnded:
        """Return the event with the line that a language model would say next, where one may be worded."""
        wanted = self._exam.wording_wanted(event)
        return event if wanted is None else replace(event, wording=await self._word(wanted))

    def advance(self) -> None:
        """Do what is due by now."""
        now_ms = self._clock.now_ms()
        self._note_sound()
        self._tell_all(LineFinished(line_id) for line_id in self._lines.heard(now_ms))
        if not self._away:
            self._tell_all(self._answers.stall(now_ms))
            if self._answers.over(now_ms):
                self._end_answer()
        while (done := self._answers.take_done()) is not None:
            self._answered(done)
        due_ms = self._exam.next_deadline_ms()
        if due_ms is not None and due_ms <= now_ms:
            self._tell(Tick())
        self._note_waiting()
        self._note_reply()

    def due_ms(self) -> int | None:
        """Return when `advance` is needed at the latest, None while nothing is due by time."""
        dues = (
            self._exam.next_deadline_ms(),
            self._lines.due_ms(),
            None if self._away else self._answers.silence_due_ms(),
        )
        return min((due_ms for due_ms in dues if due_ms is not None), default=None)

    def turn_state(self) -> TurnStateName:
        """Return whose turn it is."""
        if self.finished is not None:
            return "ended"
        if self._lines.speaking:
            return "examiner_speaking"
        if (answer := self._answers.current) is not None:
            return "learner_speaking" if answer.speaking else "listening"
        if self._thinking:
            return "thinking"
        return _WAITING_IN.get(self._exam.phase, "thinking")

    def _tell_all(self, events: Iterable[ExamEvent]) -> None:
        for event in events:
            self._tell(event)

    def _tell(self, event: ExamEvent) -> None:
        self._do(self._exam.on(event, self._clock.now_ms()))

    def _do(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Say(line):
                    self._say(line)
                case EnterPhase(phase):
                    if phase is Phase.REVIEW:
                        self._watch.forget()
                    self._journal.add(_phase(action))
                case Listen():
                    self._let_go()
                    self._journal.add()
                    self._lines.prepare(self._exam.upcoming_lines())
                    self._tell_all(self._answers.open(action, self._question))
                case StopListening():
                    self._let_go()
                    self._watch.forget()
                    self._answers.end()
                case Finish(reason):
                    self._let_go()
                    self.finished = self.finished or reason
                case _:
                    assert_never(action)

    def _say(self, line: Line) -> None:
        if line.kind == "card" or (line.expects_answer and line.kind != "prompt"):
            self._question = Question(line.text, line.kind if line.kind == "card" else "question")
        self._lines.say(line)

    def _end_answer(self) -> None:
        now_ms = self._clock.now_ms()
        answer = self._answers.end()
        if answer is not None:
            self._watch.answer_ended(
                answer.listen.part,
                spoke_until_ms=min(now_ms, self._at_ms(answer.spoke_until_ms)),
                now_ms=now_ms,
            )
            self._thinking = True
            self._held = HeldReply(answer, self._microphone.position_at_ms(now_ms))

    def _answered(self, done: AnswerDone) -> None:
        self._thinking = False
        self._watch.transcribed(done.transcribed_ms)
        self._note_waiting()
        if self._held is not None and self._held.answer is done.answer:
            self._held.before, self._held.processing = self._exam.snapshot(), self._processing
        self._tell(done.event)
        self._journal.add()

    # --- a learner who goes on ---------------------------------------------------------------------------

    def _overhear(self, held: HeldReply, heard: Heard) -> None:
        """Take the reply back if the learner has gone on with the answer, or interrupts the way to the next
        question."""
        overheard = self._answers.overhear(held.answer, heard)
        if overheard is None:
            return
        self._note_sound()
        if not held.counted and held.was_cut_off(overheard.onset_ms):
            held.counted = True
            self._meter.cut_off(held.answer.listen.part)
        line = None if self._lines.current is None else self._lines.current.line
        if held.goes_on(
            overheard.onset_ms,
            line=line,
            speech_ms=overheard.speech_ms(self._microphone.position_ms),
            words=overheard.words("" if line is None else line.text),
        ):
            self._take_back(held)

    def _take_back(self, held: HeldReply) -> None:
        """Unsay the reply; the answer goes on as if its end had never been noticed."""
        self._held = None
        self._thinking = False
        self._watch.forget()
        if held.before is not None:
            self._lines.clear(taken_back=True)
            phase = self._exam.phase
            self._exam = Exam.restore(held.before, self._exam.plan, self._clock.now_ms())
            self._processing, self._question = held.processing, held.answer.question
            self._tell(Paused() if self._away else Resumed())
            if self._exam.phase is not phase:
                self._journal.add(
                    ExamPhase(
                        phase=self._exam.phase.value,
                        part=held.answer.listen.part,
                        limit_ms=self.phase_remaining_ms,
                    )
                )
        self._tell_all(self._answers.reopen(held.answer))
        self._journal.add()

    def _note_sound(self) -> None:
        """Remember when the reply to a held answer began to reach the learner."""
        held, line = self._held, self._lines.current
        if held is None or line is None or held.sounded_ms is not None:
            return
        if line.reached_at_ms is not None:
            held.sounded_ms = self._microphone.position_at_ms(line.reached_at_ms)
            self._journal.add()

    def _let_go(self) -> None:
        """The answer that was held is final."""
        self._held = None
        self._answers.ignore()

    def _at_ms(self, position_ms: int) -> int:
        """When a microphone position was recorded, on the session's clock."""
        return self._microphone.last_heard_at_ms - (self._microphone.position_ms - position_ms)

    # --- time and notes ----------------------------------------------------------------------------------

    def _note_waiting(self) -> None:
        """The exam clock stands still while the learner waits for us."""
        waiting = self._thinking or self._lines.unheard
        if waiting is not self._processing:
            self._processing = waiting
            self._tell(Processing(waiting))

    def _note_reply(self) -> None:
        line = self._lines.current
        if line is None or line.first_frame_at_ms is None:
            return
        if line.play_delay_ms is not None and line.utterance_id != self._played:
            self._played = line.utterance_id
            self._meter.reply_played(line.play_delay_ms)
        latency = self._watch.replied(line.first_frame_at_ms, said_at_ms=line.said_at_ms)
        if latency is not None:
            self._conditions.latencies.append(latency)
            self._meter.turn_answered(latency)


def _phase(action: EnterPhase) -> ExamPhase:
    card = None
    if action.card is not None:
        card = CueCard(action.card.topic, list(action.card.prompts), action.card.final_prompt)
    return ExamPhase(phase=action.phase.value, part=action.part, limit_ms=action.limit_ms, card=card)
