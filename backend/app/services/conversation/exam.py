"""The exam: a machine that takes events and answers with actions. No I/O; time is passed in.

The shell speaks the lines, listens, transcribes and keeps time; what is said and when is decided here.
Conduct follows the public descriptions of the test: fixed wording in Parts 1 and 2, a question repeated once
in the same words, no praise, no correction, no hint at a band, and time limits that are kept.
"""

from collections.abc import Mapping
from typing import Any, Literal, Self, assert_never

import msgspec

from app.services.conversation import part2, part3, practice, script
from app.services.conversation.course import COURSES, PARTS
from app.services.conversation.deadlines import Due, is_preparing, next_due
from app.services.conversation.exam_state import After, ExamState, Role, Section
from app.services.conversation.exam_types import (
    Action,
    AnswerEnded,
    AskAgain,
    EndRequested,
    EnterPhase,
    ExamEvent,
    Finish,
    FinishReason,
    Line,
    LineFinished,
    MoveOn,
    Paused,
    Phase,
    PrepReady,
    Processing,
    Resumed,
    Say,
    SpeechStarted,
    SpeechStopped,
    Tick,
)
from app.services.conversation.plan import ExamPlan
from app.services.conversation.replies import Reply
from app.services.conversation.stage import Stage
from app.services.conversation.taken_answer import taken_answer
from app.services.conversation.timing import ExamTiming
from app.services.conversation.wording import WordingWanted

SNAPSHOT_VERSION = 1
_MIDDLING = AnswerEnded("word " * 20, 9_000, 20)
_STRONG = AnswerEnded("word " * 60, 27_000, 60)
_SILENT = AnswerEnded("", 0, 0)
"""Replies that are played ahead to see what the examiner would say to them."""


class SnapshotInvalid(ValueError):
    """The data is not a snapshot of an exam of this version."""


class Exam:
    """One exam from greeting to close.

    Every method takes `now_ms`, integer milliseconds on one clock that never runs backwards. Events that do
    not fit the moment (an answer nobody waits for, a second end) change nothing.
    """

    def __init__(self, plan: ExamPlan, timing: ExamTiming) -> None:
        self.plan = plan
        self.timing = timing
        self._state = ExamState(section=COURSES[plan.mode][0])
        self._deadline: tuple[int | None] | None = None  # once it is known; it changes with events only

    @property
    def phase(self) -> Phase:
        """Where the exam stands."""
        return self._state.phase

    @property
    def entered(self) -> EnterPhase:
        """The phase as it was announced, for who was not there then."""
        stage, state = self._stage(), self._state
        has_card = state.phase in (Phase.P2_PREP, Phase.P2_TALK)
        card = part2.cue_card(stage) if has_card else None
        return EnterPhase(state.phase, stage.part, state.phase_limit_ms, card)

    @property
    def finished(self) -> bool:
        """Whether Finish was given out; nothing follows it."""
        return self._state.finished

    @property
    def pending_lines(self) -> tuple[Line, ...]:
        """Lines said and not yet heard to the end, the one being spoken first."""
        return tuple(self._state.lines)

    @property
    def listening(self) -> bool:
        """Whether a turn is open and was not cut."""
        turn = self._state.turn
        return turn is not None and turn.stopped is None

    @property
    def turn_open(self) -> bool:
        """Whether an AnswerEnded is still expected, be the turn cut or not."""
        return self._state.turn is not None

    def elapsed_ms(self, now_ms: int) -> int:
        """Return the exam time spent."""
        return self._state.clock.read(now_ms) if self._state.started else 0

    def phase_remaining_ms(self, now_ms: int) -> int | None:
        """Return the exam time left in the phase, or None if it has no limit."""
        state = self._state
        if state.phase_limit_ms is None:
            return None
        return max(0, state.phase_started_ms + state.phase_limit_ms - state.clock.read(now_ms))

    def next_deadline_ms(self) -> int | None:
        """Return the position at which Tick is to be delivered, or None while the clock stands still."""
        if self._deadline is None:
            due = next_due(self._state, self.timing)
            self._deadline = (None if due is None else self._state.clock.outside(due[0]),)
        return self._deadline[0]

    def start(self, now_ms: int) -> list[Action]:
        """Begin; the exam clock runs from here. A second start changes nothing."""
        state = self._state
        if state.started or state.finished:
            return []
        self._deadline = None
        state.started = True
        state.clock.rebase(now_ms)
        stage = self._stage()
        if not PARTS[state.section].begin(stage):
            self._go_on(stage)
        self._settle(stage)
        return stage.actions

    def on(self, event: ExamEvent, now_ms: int) -> list[Action]:
        """Take an event and return what is to be done, in order."""
        state = self._state
        if state.finished or not (state.started or isinstance(event, EndRequested)):
            return []
        self._deadline = None
        if state.started:
            state.clock.advance(now_ms)
        stage = self._stage()
        match event:
            case Tick():
                self._tick(stage)
            case LineFinished(line_id):
                stage.line_heard(line_id)
            case SpeechStarted() | SpeechStopped():
                self._speech(started=isinstance(event, SpeechStarted))
            case AnswerEnded():
                self._answer_ended(stage, event)
            case PrepReady():
                self._prep_ready(stage)
            case AskAgain() | MoveOn():
                self._choose(stage, "again" if isinstance(event, AskAgain) else "next")
            case EndRequested():
                self._end(stage)
            case Paused() | Resumed():
                self._connection(lost=isinstance(event, Paused))
            case Processing(started):
                state.clock.processing = started
            case _:
                assert_never(event)
        self._settle(stage)
        return stage.actions

    def snapshot(self) -> dict[str, Any]:
        """Return the exam as plain JSON-able data, as of the last event. The plan is not part of it."""
        return {
            "version": SNAPSHOT_VERSION,
            "timing": msgspec.to_builtins(self.timing),
            "state": msgspec.to_builtins(self._state),
        }

    @classmethod
    def restore(cls, data: Mapping[str, Any], plan: ExamPlan, now_ms: int) -> Self:
        """Rebuild an exam of this plan from `snapshot`; what lies between the two is not exam time.

        A clock that stood still goes on standing still until Resumed or Processing(False). Raises
        SnapshotInvalid.
        """
        if data.get("version") != SNAPSHOT_VERSION:
            raise SnapshotInvalid(f"Snapshot version {data.get('version')!r} is not {SNAPSHOT_VERSION}.")
        try:
            timing = msgspec.convert(data["timing"], ExamTiming)
            state = msgspec.convert(data["state"], ExamState)
        except (KeyError, msgspec.ValidationError) as error:
            raise SnapshotInvalid(f"This is not a snapshot of an exam: {error}") from error
        exam = cls(plan, timing)
        exam._state = state
        state.clock.rebase(now_ms)
        return exam

    def upcoming_lines(self) -> list[str]:
        """Return texts the examiner is likely to say next, the likeliest first, so that they can be spoken
        without delay. They are played ahead on a copy: what the exam would really say."""
        replies = [_MIDDLING, _STRONG, _SILENT]
        question = self._state.question
        if question is not None and question.role is Role.WORK_OR_STUDY:
            replies = [AnswerEnded("a student", 1_000, 2), AnswerEnded("I work", 1_000, 2), _SILENT]
        texts = (text for reply in replies for text in self._played_ahead(reply))
        return list(dict.fromkeys(texts))

    def wording_wanted(self, event: AnswerEnded) -> WordingWanted | None:
        """Return the line that may be put in other words if `event` comes next, None if all is scripted."""
        turn, stage = self._state.turn, self._stage()
        if turn is None or self._state.section is not Section.PART3 or self._state.phase is Phase.CLOSE:
            return None
        return part3.wording_wanted(stage, taken_answer(event, turn, stage.now_ms))

    def _played_ahead(self, reply: AnswerEnded) -> list[str]:
        """What would be said until the turn after the next reply."""
        ahead = Exam(self.plan, self.timing)
        ahead._state = msgspec.convert(msgspec.to_builtins(self._state), ExamState)
        clock = ahead._state.clock
        clock.paused = clock.processing = False
        actions: list[Action] = []
        now_ms = clock.anchor_ms
        for event in (PrepReady(), reply, MoveOn()):
            while ahead._state.lines:
                actions += ahead.on(LineFinished(ahead._state.lines[-1].id), now_ms)
            if isinstance(event, AnswerEnded) and ahead.phase is Phase.P2_TALK:
                # A learner with something to say talks until time is up; another falls silent before.
                if event.words:
                    ahead.on(SpeechStarted(), now_ms)
                now_ms = max(now_ms, ahead.next_deadline_ms() or now_ms)
                actions += ahead.on(Tick(), now_ms)
            elif isinstance(event, AnswerEnded):
                now_ms += event.speech_ms
            actions += ahead.on(event, now_ms)
        return [action.line.text for action in actions if isinstance(action, Say)]

    def _stage(self) -> Stage:
        return Stage(self.plan, self.timing, self._state)

    def _tick(self, stage: Stage) -> None:
        """Do what is due. Each step moves its own deadline away, so that a late tick catches up."""
        while (due := next_due(self._state, self.timing)) and due[0] <= stage.now_ms:
            self._do(stage, due[1])
            self._settle(stage)

    def _do(self, stage: Stage, due: Due) -> None:
        match due:
            case Due.HARD_STOP:
                if self.listening:
                    stage.stop_listening("time_up")
                self._close(stage, "time_limit")
            case Due.TRANSCRIPT_LOST:
                self._answer_ended(stage, self._lost_answer())
            case Due.LINE_LOST:
                stage.line_heard(self._state.lines[0].id)
            case Due.TALK_OVER | Due.PART_OVER:
                stage.interrupt(script.TIME_IS_UP)
            case Due.ANSWER_LONG:
                stage.interrupt()
            case Due.SILENCE:
                stage.stop_listening("moved_on")
            case Due.PREPARED:
                part2.end_preparation(stage)
            case Due.REVIEWED:
                self._go_on(stage)
            case _:
                assert_never(due)

    def _speech(self, *, started: bool) -> None:
        turn, now_ms = self._state.turn, self._state.clock.elapsed_ms
        if turn is None:
            return
        if started:
            turn.speaking = True
            if turn.spoke_ms is None:
                turn.spoke_ms = now_ms
        elif turn.speaking:
            turn.speaking = False
            turn.silent_since_ms = turn.spoke_until_ms = now_ms

    def _prep_ready(self, stage: Stage) -> None:
        if is_preparing(self._state):
            part2.end_preparation(stage)

    def _choose(self, stage: Stage, choice: Literal["again", "next"]) -> None:
        """In practice: do what the learner wants, once an answer that is open has been taken down."""
        state = self._state
        if state.section is not Section.PRACTICE or state.phase is Phase.CLOSE:
            return
        stage.fall_silent()
        state.unanswered = 0
        if self.listening:
            stage.stop_listening("moved_on")
        if state.turn is not None:
            state.practice.choice = choice
        elif choice == "again":
            practice.start_over(stage)
        else:
            self._go_on(stage)

    def _connection(self, *, lost: bool) -> None:
        """Stop or go on. A learner who was silent gets the whole wait again afterwards."""
        state = self._state
        if state.clock.paused and not lost and state.turn is not None and not state.turn.speaking:
            state.turn.silent_since_ms = state.clock.elapsed_ms
        state.clock.paused = lost

    def _lost_answer(self) -> AnswerEnded:
        """The answer of the open turn, whose transcript never came."""
        turn = self._state.turn
        spoke = turn is not None and turn.spoke_ms is not None
        return AnswerEnded("", int(spoke), 0, recognised=not spoke)

    def _answer_ended(self, stage: Stage, event: AnswerEnded) -> None:
        state = self._state
        turn, question = state.turn, state.question
        if turn is None:
            return
        state.turn = None
        answer = taken_answer(event, turn, stage.now_ms)
        if answer.reply is not Reply.SILENT:
            state.heard_anything = True
            if question is not None:
                question.answered = True
        if state.phase is Phase.CLOSE or question is None:
            return
        if PARTS[state.section].answered(stage, answer):
            state.unanswered = 0 if question.answered else state.unanswered + 1
            if state.unanswered >= self.timing.unanswered_limit:
                self._close(stage, "no_response")
            else:
                self._go_on(stage)

    def _go_on(self, stage: Stage) -> None:
        """Ask what comes next: in this section, in one that follows, or nothing any more."""
        state = self._state
        if PARTS[state.section].go_on(stage):
            return
        course = COURSES[self.plan.mode]
        for section in course[course.index(state.section) + 1 :]:
            state.section, state.section_started_ms, state.question = section, stage.now_ms, None
            if PARTS[section].begin(stage):
                return
        self._close(stage, "completed" if state.heard_anything else "no_response")

    def _close(self, stage: Stage, reason: FinishReason) -> None:
        """Say good-bye and finish once that was heard and no transcript is awaited."""
        state = self._state
        stage.enter(Phase.CLOSE)
        unheard = reason == "no_response"
        stage.say(script.CLOSE_NO_RESPONSE if unheard else script.close(self.plan.mode), "closing")
        state.finish_reason, state.after = reason, After.FINISH

    def _end(self, stage: Stage) -> None:
        """Stop at the learner's wish: nothing more is said, but the open answer is still taken down."""
        state = self._state
        if self.listening:
            stage.stop_listening("moved_on")
        state.lines.clear()
        if state.phase is not Phase.CLOSE:
            stage.enter(Phase.CLOSE)
            state.finish_reason = "ended_by_learner"
        state.after = After.FINISH

    def _settle(self, stage: Stage) -> None:
        """Take the step that waits for the lines to be heard and the turn to be over, if they are."""
        state = self._state
        while state.after is not After.NOTHING and not state.lines and state.turn is None:
            after, state.after = state.after, After.NOTHING
            match after:
                case After.LISTEN:
                    stage.listen()
                case After.PREPARE:
                    part2.prepare(stage)
                case After.TALK:
                    part2.talk(stage)
                case After.FINISH:
                    state.finished = True
                    stage.actions.append(Finish(state.finish_reason))
                case _:
                    assert_never(after)
