"""A shell and a learner in virtual time: whole exams in milliseconds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from app.services.conversation import (
    Action,
    AnswerEnded,
    EnterPhase,
    Exam,
    ExamEvent,
    ExamPlan,
    ExamTiming,
    Finish,
    Line,
    LineFinished,
    Listen,
    Mode,
    Phase,
    Say,
    SpeechStarted,
    SpeechStopped,
    StopListening,
    Tick,
    bundled_bank,
    plan_exam,
    plan_practice,
)
from app.services.conversation.practice_plan import Part

THINKING_MS = 800
TURN_END_MS = 1_200
FOREVER_MS = 10**9
ActionT = TypeVar("ActionT")


@dataclass(frozen=True)
class Speech:
    """What a learner says in a turn; an empty text is silence."""

    text: str
    ms: int

    @property
    def words(self) -> int:
        return len(self.text.split())


def words(count: int, ms_each: int = 400) -> Speech:
    """An answer of that many words."""
    return Speech(" ".join(["speaking"] * count), count * ms_each)


SILENCE = Speech("", 0)
ENDLESS = Speech("and so on and so forth", FOREVER_MS)

Learner = Callable[["Sitting", Line], Speech]


def steady(sitting: "Sitting", line: Line) -> Speech:
    """A middling learner: three sentences in Part 1, the whole talk, some reasons in Part 3."""
    match sitting.exam.phase:
        case Phase.OPENING:
            return Speech("Aziza.", 900)
        case Phase.P2_TALK:
            return words(260)
        case Phase.P2_ROUND:
            return words(12)
        case Phase.P3_THEME_A | Phase.P3_THEME_B:
            return words(75)
        case _:
            return Speech("I am a student and I live in Samarkand with " + "my family " * 14, 15_000)


def planned(mode: Mode, seed: int) -> ExamPlan:
    """Return a plan of the mode from the real bank; a practice is of one of the three parts."""
    if mode is Mode.PRACTICE:
        part: Part = (1, 2, 3)[seed % 3]
        return plan_practice(bundled_bank(), seed, part=part)
    return plan_exam(bundled_bank(), mode, seed)


@dataclass
class Sitting:
    """Drives an exam: speaks its lines, lets the learner answer, delivers ticks when they are due."""

    exam: Exam
    learner: Learner = steady
    now_ms: int = 50_000
    log: list[tuple[int, Action]] = field(default_factory=list)
    events: list[tuple[ExamEvent, int]] = field(default_factory=list)
    speaking: list[Line] = field(default_factory=list)
    last_question: Line | None = None
    listening: bool = False
    cut: bool = False
    saying: Speech | None = None
    wording: str | None = None

    @classmethod
    def of(
        cls,
        mode: Mode | str,
        learner: Learner = steady,
        *,
        seed: int = 1,
        timing: ExamTiming | None = None,
    ) -> "Sitting":
        return cls(Exam(planned(Mode(mode), seed), timing or ExamTiming.of(Mode(mode), "standard")), learner)

    def start(self) -> "Sitting":
        self.take(self.exam.start(self.now_ms))
        return self

    def take(self, actions: list[Action]) -> list[Action]:
        for action in actions:
            self.log.append((self.exam.elapsed_ms(self.now_ms), action))
            match action:
                case Say(line):
                    self.speaking.append(line)
                    if line.expects_answer:
                        self.last_question = line
                case Listen():
                    assert not self.listening, "two turns open"
                    assert not self.speaking, "listening while the examiner speaks"
                    self.listening = True
                case StopListening():
                    assert self.listening
                    self.cut = True
                case _:
                    pass
        return actions

    def send(self, event: ExamEvent) -> list[Action]:
        self.events.append((event, self.now_ms))
        if isinstance(event, AnswerEnded):
            self.listening = self.cut = False
            self.saying = None
        return self.take(self.exam.on(event, self.now_ms))

    def wait(self, ms: int) -> None:
        self.now_ms += ms

    def step(self) -> None:
        """Let the next thing happen."""
        if self.cut:
            said = self.saying if self.saying is not None else SILENCE
            self.send(AnswerEnded(said.text, min(said.ms, 60_000), said.words, wording=self.wording))
        elif self.speaking:
            line = self.speaking.pop(0)
            self.wait(400 + 350 * len(line.text.split()))
            self.send(LineFinished(line.id))
        elif self.listening and self.saying is None:
            self._answer()
        else:
            self._until_due()

    def run(self, until: Callable[["Sitting"], bool] = lambda _: False, limit: int = 2_000) -> "Sitting":
        """Step until the condition holds or the exam is over."""
        for _ in range(limit):
            if self.exam.finished or until(self):
                return self
            self.step()
        raise AssertionError("the exam does not end")

    def reach(self, phase: Phase) -> "Sitting":
        """Run until the phase has begun."""
        self.run(lambda s: s.exam.phase is phase)
        assert self.exam.phase is phase
        return self

    def open_turn(self) -> "Sitting":
        """Run until the learner may speak."""
        self.run(lambda s: s.listening)
        assert self.listening
        return self

    def answer(self, text: str, ms: int = 3_000) -> list[Action]:
        """Give the open turn an answer and return what the examiner does about it."""
        self.wait(THINKING_MS)
        self.send(SpeechStarted())
        self.wait(ms)
        self.send(SpeechStopped())
        self.wait(TURN_END_MS)
        return self.send(AnswerEnded(text, ms, len(text.split()), wording=self.wording))

    def _answer(self) -> None:
        assert self.last_question is not None or self.exam.phase is Phase.P2_TALK
        line = self.last_question or Line("none", "", 2, "card", "verbatim", True)
        said = self.learner(self, line)
        self.saying = said
        if not said.text:
            return
        self.wait(THINKING_MS)
        self.send(SpeechStarted())
        due = self.exam.next_deadline_ms()
        if due is not None and due <= self.now_ms + said.ms:
            return
        self.wait(said.ms)
        self.send(SpeechStopped())
        self.wait(TURN_END_MS)
        self.send(AnswerEnded(said.text, said.ms, said.words, wording=self.wording))

    def _until_due(self) -> None:
        due = self.exam.next_deadline_ms()
        assert due is not None, "nothing will ever happen"
        self.now_ms = max(self.now_ms, due)
        self.send(Tick())

    # --- what the log says ---

    def all(self, kind: type[ActionT]) -> list[ActionT]:
        return [action for _, action in self.log if isinstance(action, kind)]

    @property
    def lines(self) -> list[Line]:
        return [say.line for say in self.all(Say)]

    @property
    def texts(self) -> list[str]:
        return [line.text for line in self.lines]

    @property
    def phases(self) -> list[Phase]:
        return [enter.phase for enter in self.all(EnterPhase)]

    def began_ms(self, phase: Phase) -> int:
        """Exam time at which the phase began."""
        return next(at for at, a in self.log if isinstance(a, EnterPhase) and a.phase is phase)

    @property
    def finish(self) -> Finish:
        [finish] = self.all(Finish)
        return finish

    @property
    def length_ms(self) -> int:
        return self.exam.elapsed_ms(self.now_ms)


def lines_of(actions: list[Action]) -> list[str]:
    """The texts said in a list of actions."""
    return [action.line.text for action in actions if isinstance(action, Say)]
