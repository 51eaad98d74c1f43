"""Any order of events: nothing crashes, turns keep their order, the exam ends, a snapshot changes nothing."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.services.conversation import (
    Action,
    AnswerEnded,
    AskAgain,
    EndRequested,
    EnterPhase,
    Exam,
    ExamEvent,
    ExamTiming,
    Finish,
    LineFinished,
    Listen,
    Mode,
    MoveOn,
    Paused,
    PrepReady,
    Processing,
    Resumed,
    Say,
    SpeechStarted,
    SpeechStopped,
    StopListening,
    Tick,
)
from tests.services.conversation.sitting import Sitting, planned

MODES = st.sampled_from(list(Mode))
TIMINGS = st.sampled_from([ExamTiming.standard(), ExamTiming.short(), ExamTiming.of(Mode.PRACTICE, "short")])
WAITS = st.integers(0, 20_000)
REPLIES = st.sampled_from(
    [
        "",
        "Yes.",
        "No.",
        "Sorry?",
        "I don't know.",
        "What does that mean?",
        "What is my score?",
        "I am a student.",
        "I work in an office.",
        "Call me Aziza.",
        "I like it because it is near my home and quiet.",
        "because " * 60,
    ]
)
ANSWERS = REPLIES.map(lambda text: AnswerEnded(text, 400 * len(text.split()), len(text.split())))
PLAIN = AnswerEnded("I like it because it is near my home and quiet.", 6_000, 11)
STEPS = st.one_of(
    st.just("heard"),
    st.just("due"),
    st.just("natural"),
    st.just("natural"),
    ANSWERS,
    st.sampled_from([Tick(), SpeechStarted(), SpeechStopped(), PrepReady(), Paused(), Resumed()]),
    st.sampled_from([AskAgain(), MoveOn()]),
    st.booleans().map(Processing),
)


def as_event(exam: Exam, step: ExamEvent | str) -> ExamEvent:
    """A step in the exam's own terms: what it is saying was heard, or what it waits for has come."""
    lines = exam.pending_lines
    match step:
        case "heard":
            return LineFinished(lines[0].id if lines else "none")
        case "natural" if lines:
            return LineFinished(lines[-1].id)
        case "natural" if exam.turn_open:
            return PLAIN
        case "natural" | "due" | str():
            return Tick()
        case _:
            return step


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    mode=MODES,
    timing=TIMINGS,
    seed=st.integers(0, 500),
    before=st.lists(st.tuples(STEPS, WAITS), max_size=60),
    after=st.lists(st.tuples(STEPS, WAITS), min_size=10, max_size=30),
    moved=st.integers(-(10**6), 10**9),
)
def test_a_restored_exam_goes_on_as_if_nothing_had_happened(
    *,
    mode: Mode,
    timing: ExamTiming,
    seed: int,
    before: list[tuple[ExamEvent | str, int]],
    after: list[tuple[ExamEvent | str, int]],
    moved: int,
) -> None:
    now = 10**6
    exam = Exam(planned(mode, seed), timing)
    exam.start(now)
    twin: Exam | None = None
    for number, (step, wait) in enumerate(before + after):
        if number == len(before):
            twin = Exam.restore(json.loads(json.dumps(exam.snapshot())), exam.plan, now + moved)
        due = exam.next_deadline_ms()
        now = max(now, due) if step in ("due", "natural") and due is not None else now + wait
        event = as_event(exam, step)
        actions = exam.on(event, now)
        if twin is not None:
            assert twin.on(event, now + moved) == actions
            assert twin.phase is exam.phase
            assert twin.upcoming_lines() == exam.upcoming_lines()
            assert twin.phase_remaining_ms(now + moved) == exam.phase_remaining_ms(now)
            deadline, other = exam.next_deadline_ms(), twin.next_deadline_ms()
            assert other == (None if deadline is None else deadline + moved)


@pytest.mark.parametrize("mode", list(Mode))
def test_an_exam_restored_at_any_event_takes_the_same_course(mode: Mode) -> None:
    whole = Sitting.of(mode, timing=ExamTiming.short()).start().run()
    for cut in range(0, len(whole.events), 3):
        at = 50_000
        exam = Exam(whole.exam.plan, whole.exam.timing)
        actions = exam.start(at)
        for event, at in whole.events[:cut]:
            actions += exam.on(event, at)
        exam = Exam.restore(json.loads(json.dumps(exam.snapshot())), exam.plan, at)
        for event, at in whole.events[cut:]:
            actions += exam.on(event, at)
        assert actions == [action for _, action in whole.log]


class AnyOrder(RuleBasedStateMachine):
    """Throws every event at the exam at any time, and watches what it does."""

    @initialize(mode=MODES, timing=TIMINGS, seed=st.integers(0, 500))
    def begin(self, mode: Mode, timing: ExamTiming, seed: int) -> None:
        self.now = 1_000
        self.turn_open = False
        self.cut = False
        self.over = False
        self.exam = Exam(planned(mode, seed), timing)
        self.watch(self.exam.start(self.now))

    def watch(self, actions: list[Action]) -> None:
        for action in actions:
            assert not self.over, "something follows Finish"
            match action:
                case Listen():
                    assert not self.turn_open, "two turns are open"
                    self.turn_open = True
                case StopListening():
                    assert self.turn_open
                    assert not self.cut, "a turn is cut twice"
                    self.cut = True
                case Finish():
                    assert not self.turn_open, "finished while a transcript is awaited"
                    self.over = True
                case Say() | EnterPhase():
                    pass

    def send(self, event: ExamEvent, wait: int = 0) -> None:
        self.now += wait
        if isinstance(event, AnswerEnded):
            self.turn_open = self.cut = False
        actions = self.exam.on(event, self.now)
        if self.cut and not self.exam.turn_open:
            # The exam no longer waits for the transcript.
            self.turn_open = self.cut = False
        self.watch(actions)

    @rule(wait=WAITS)
    def line_heard(self, wait: int) -> None:
        lines = self.exam.pending_lines
        self.send(LineFinished(lines[0].id if lines else "none"), wait)

    @rule(wait=WAITS)
    def all_lines_heard(self, wait: int) -> None:
        lines = self.exam.pending_lines
        self.send(LineFinished(lines[-1].id if lines else "none"), wait)

    @rule(answer=ANSWERS)
    def natural(self, answer: AnswerEnded) -> None:
        """What would come next if all went well."""
        if self.exam.pending_lines:
            self.all_lines_heard(2_000)
        elif self.exam.turn_open:
            self.send(answer, 8_000)
        else:
            self.tick_when_due()

    @rule()
    def tick_when_due(self) -> None:
        due = self.exam.next_deadline_ms()
        if due is not None:
            self.now = max(self.now, due)
        self.send(Tick())

    @rule(wait=WAITS)
    def tick_at_any_time(self, wait: int) -> None:
        self.send(Tick(), wait)

    @rule(answer=ANSWERS, wait=WAITS)
    def answer(self, answer: AnswerEnded, wait: int) -> None:
        self.send(answer, wait)

    @rule(started=st.booleans(), wait=WAITS)
    def speech(self, started: bool, wait: int) -> None:
        self.send(SpeechStarted() if started else SpeechStopped(), wait)

    @rule(lost=st.booleans(), wait=WAITS)
    def connection(self, lost: bool, wait: int) -> None:
        self.send(Paused() if lost else Resumed(), wait)

    @rule(started=st.booleans(), wait=WAITS)
    def processing(self, started: bool, wait: int) -> None:
        self.send(Processing(started), wait)

    @rule(wait=WAITS)
    def prep_ready(self, wait: int) -> None:
        self.send(PrepReady(), wait)

    @rule(again=st.booleans(), wait=WAITS)
    def choose(self, again: bool, wait: int) -> None:
        self.send(AskAgain() if again else MoveOn(), wait)

    @rule(wait=st.integers(0, 100))
    def end(self, wait: int) -> None:
        if wait == 42:
            self.send(EndRequested())

    @invariant()
    def at_most_one_question_is_open(self) -> None:
        asked = sum(line.expects_answer for line in self.exam.pending_lines)
        # A question whose exam ran out of time may still be in the air when the good-bye is said.
        assert asked <= 1
        assert not (asked and self.exam.listening)

    @invariant()
    def time_is_waited_for_unless_the_clock_stands_still(self) -> None:
        clock = self.exam._state.clock
        waits = self.exam.next_deadline_ms() is not None
        assert waits == (clock.running and not self.exam.finished)

    def teardown(self) -> None:
        """Whatever happened, ticks alone bring the exam to its end."""
        if not hasattr(self, "exam"):
            return
        self.send(Resumed())
        self.send(Processing(started=False))
        for _ in range(300):
            if self.exam.finished:
                break
            self.tick_when_due()
        assert self.exam.finished
        assert self.over


AnyOrder.TestCase.settings = settings(
    max_examples=80, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestAnyOrder = AnyOrder.TestCase
