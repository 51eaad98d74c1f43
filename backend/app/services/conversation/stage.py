"""The examiner's means: say, ask, listen, enter a phase. Collects the actions of one event."""

from app.services.conversation import script
from app.services.conversation.exam_state import After, ExamState, OpenQuestion, Section, Turn
from app.services.conversation.exam_types import (
    Action,
    Conformance,
    CueCard,
    EnterPhase,
    Line,
    LineKind,
    Listen,
    Phase,
    Say,
    StopListening,
    StopReason,
)
from app.services.conversation.plan import ExamPlan, PracticeItem
from app.services.conversation.timing import ExamTiming
from app.services.conversation.turn_policy import DISCUSSION, INTERVIEW, LONG_TURN, TurnPolicy

LINE_ALLOWANCE_MS = 10_000
WORD_ALLOWANCE_MS = 800
"""Slow speech is about 400 ms a word: a line that takes twice that and ten seconds more was lost."""

_PARTS = {Section.OPENING: None, Section.PART1: 1, Section.PART2: 2, Section.PART3: 3}


class Stage:
    """What the parts of an exam act through. Lives as long as one event."""

    def __init__(self, plan: ExamPlan, timing: ExamTiming, state: ExamState) -> None:
        self.plan = plan
        self.timing = timing
        self.state = state
        self.actions: list[Action] = []

    @property
    def now_ms(self) -> int:
        """The exam time of the event."""
        return self.state.clock.elapsed_ms

    @property
    def section_ms(self) -> int:
        """Exam time spent in the section so far."""
        return self.now_ms - self.state.section_started_ms

    @property
    def part(self) -> int | None:
        """The part of the exam, None outside the three."""
        if self.state.phase is Phase.CLOSE:
            return None
        if self.state.section is Section.PRACTICE:
            return self.practised.part
        return _PARTS[self.state.section]

    @property
    def practised(self) -> PracticeItem:
        """The item of a practice that was opened last, the first before any was."""
        return self.plan.practice[max(0, self.state.practice.opened - 1)]

    def enter(self, phase: Phase, *, limit_ms: int | None = None, card: CueCard | None = None) -> None:
        """Begin a phase."""
        state = self.state
        state.phase, state.phase_started_ms, state.phase_limit_ms = phase, self.now_ms, limit_ms
        self.actions.append(EnterPhase(phase, self.part, limit_ms, card))

    def say(
        self,
        text: str,
        kind: LineKind,
        conformance: Conformance = "verbatim",
        *,
        question: OpenQuestion | None = None,
    ) -> None:
        """Say a line; with `question` it puts that question and expects an answer."""
        state = self.state
        state.lines_said += 1
        line = Line(
            id=f"line-{state.lines_said}",
            text=text,
            part=self.part,
            kind=kind,
            frame_conformance=conformance,
            expects_answer=question is not None,
            question_id=question.id if question else None,
        )
        state.lines.append(line)
        if len(state.lines) == 1:
            state.line_due_ms = self.now_ms + _allowance_ms(line)
        self.actions.append(Say(line))

    def ask(self, question: OpenQuestion) -> None:
        """Put a question in its printed words, then listen."""
        self.state.question = question
        self.say(question.text, "question", question=question)
        self.state.after = After.LISTEN

    def ask_again(self, text: str, kind: LineKind, conformance: Conformance = "verbatim") -> None:
        """Stay with the open question, put as `text`, then listen."""
        self.say(text, kind, conformance, question=self.state.question)
        self.state.after = After.LISTEN

    def acknowledge(self, *, always: bool = False) -> None:
        """Mark a move to the next question; speak up at every second one (or `always`), in changing words."""
        state = self.state
        state.moves += 1
        if state.thanked or state.lines or not (always or state.moves % 2 == 0):
            return
        self.say(self._in_turn(script.ACKNOWLEDGEMENTS), "acknowledgement")

    def fall_silent(self) -> None:
        """Leave unsaid what is being said or waits to be, and what was to follow it."""
        self.state.lines.clear()
        self.state.after = After.NOTHING

    def interrupt(self, text: str | None = None) -> None:
        """Cut the open turn because its time is up, and say so at once: in `text`, or that it is enough."""
        self.stop_listening("time_up")
        self.say(text or self._in_turn(script.LONG_ENOUGH), "stop")
        self.state.thanked = True

    def _in_turn(self, wordings: tuple[str, ...]) -> str:
        self.state.acknowledged += 1
        return wordings[self.state.acknowledged % len(wordings)]

    def line_heard(self, line_id: str) -> None:
        """Drop the line and those before it from what is still to be heard; unknown lines are ignored."""
        lines = self.state.lines
        position = next((i for i, line in enumerate(lines) if line.id == line_id), None)
        if position is None:
            return
        del lines[: position + 1]
        if lines:
            self.state.line_due_ms = self.now_ms + _allowance_ms(lines[0])

    def listen(self) -> None:
        """Open the learner's turn for the open question."""
        question = self.state.question
        assert question is not None
        self.state.turn = Turn(silent_since_ms=self.now_ms)
        self.state.thanked = False
        self.actions.append(Listen(self._policy(), question.part, question.id))

    def stop_listening(self, reason: StopReason) -> None:
        """Cut the open turn; its transcript is awaited."""
        turn = self.state.turn
        assert turn is not None
        turn.stopped, turn.stopped_ms = reason, self.now_ms
        self.actions.append(StopListening(reason))

    def _policy(self) -> TurnPolicy:
        if self.state.phase is Phase.P2_TALK:
            return LONG_TURN
        return DISCUSSION if self.state.section in (Section.PART3, Section.PRACTICE) else INTERVIEW


def _allowance_ms(line: Line) -> int:
    return LINE_ALLOWANCE_MS + WORD_ALLOWANCE_MS * len(line.text.split())
