"""Lost connections, slow machines, and learners who stop."""

import json

import pytest

from app.services.conversation import (
    AnswerEnded,
    EndRequested,
    EnterPhase,
    Exam,
    Finish,
    LineFinished,
    Mode,
    Paused,
    Phase,
    Processing,
    Resumed,
    Say,
    SnapshotInvalid,
    SpeechStarted,
    SpeechStopped,
    StopListening,
    Tick,
    bundled_bank,
    plan_exam,
)
from app.services.conversation.timing import ExamTiming
from tests.services.conversation.sitting import Sitting, lines_of

HOUR = 3_600_000


def test_a_disconnect_across_the_two_minute_mark_costs_no_talking_time() -> None:
    sitting = Sitting.of("part2").start().reach(Phase.P2_TALK)
    sitting.send(SpeechStarted())
    sitting.wait(110_000)
    sitting.send(Paused())
    assert sitting.exam.next_deadline_ms() is None
    sitting.wait(HOUR)
    assert sitting.send(Tick()) == []
    assert sitting.exam.phase_remaining_ms(sitting.now_ms) == 10_000
    sitting.send(Resumed())
    assert sitting.exam.next_deadline_ms() == sitting.now_ms + 10_000
    sitting.wait(9_999)
    assert sitting.send(Tick()) == []
    sitting.wait(1)
    assert StopListening("time_up") in sitting.send(Tick())


def test_preparation_stands_still_while_the_connection_is_lost() -> None:
    sitting = Sitting.of("part2").start().reach(Phase.P2_PREP)
    sitting.wait(20_000)
    sitting.send(Paused())
    sitting.wait(HOUR)
    sitting.send(Resumed())
    assert sitting.exam.phase_remaining_ms(sitting.now_ms) == 40_000


def test_a_learner_who_was_silent_gets_the_whole_wait_again() -> None:
    sitting = Sitting.of("part1").start().reach(Phase.P1_FRAME2).open_turn()
    sitting.wait(6_000)
    sitting.send(Paused())
    sitting.wait(HOUR)
    sitting.send(Resumed())
    assert sitting.exam.next_deadline_ms() == sitting.now_ms + 7_000


def test_resumed_without_a_pause_changes_nothing() -> None:
    sitting = Sitting.of("part1").start().open_turn()
    due = sitting.exam.next_deadline_ms()
    sitting.wait(3_000)
    sitting.send(Resumed())
    assert sitting.exam.next_deadline_ms() == due


def test_processing_time_is_nobodys_exam_time() -> None:
    quick, slow = Sitting.of("full").start().run(), Sitting.of("full").start()
    while not slow.exam.finished:
        slow.step()
        if not slow.exam.finished:
            slow.send(Processing(started=True))
            slow.wait(1_500)
            assert slow.exam.next_deadline_ms() is None
            slow.send(Processing(started=False))
    assert slow.log == quick.log
    assert slow.now_ms > quick.now_ms


@pytest.mark.parametrize(
    "phase", [p for p in Phase if p not in (Phase.P1_FRAME4, Phase.CLOSE, Phase.PRACTICE, Phase.REVIEW)]
)
@pytest.mark.parametrize("listening", [False, True])
def test_the_learner_may_end_in_every_phase(phase: Phase, listening: bool) -> None:
    sitting = Sitting.of("full").start().reach(phase)
    if listening:
        sitting.open_turn()
    open_turn = sitting.listening
    actions = sitting.send(EndRequested())
    if open_turn:
        # What was said so far is still taken down before the exam is over.
        assert actions == [StopListening("moved_on"), EnterPhase(Phase.CLOSE, None, None, None)]
        actions = sitting.send(AnswerEnded("I was just going to say", 2_000, 6))
        assert actions == [Finish("ended_by_learner")]
    else:
        assert actions == [EnterPhase(Phase.CLOSE, None, None, None), Finish("ended_by_learner")]
    assert sitting.exam.finished
    assert sitting.send(EndRequested()) == []


def test_ending_twice_while_the_transcript_is_awaited_ends_once() -> None:
    sitting = Sitting.of("part1").start().open_turn()
    sitting.send(EndRequested())
    assert sitting.send(EndRequested()) == []
    assert sitting.send(AnswerEnded("Aziza", 500, 1)) == [Finish("ended_by_learner")]


def test_ending_during_the_good_bye_leaves_the_exam_completed() -> None:
    sitting = Sitting.of("quick").start().reach(Phase.CLOSE)
    assert sitting.send(EndRequested()) == [Finish("completed")]


def test_ending_while_the_connection_is_lost() -> None:
    sitting = Sitting.of("part1").start().open_turn()
    sitting.send(Paused())
    sitting.send(EndRequested())
    assert sitting.send(AnswerEnded("", 0, 0)) == [Finish("ended_by_learner")]


def test_before_the_start_only_an_end_counts() -> None:
    exam = Exam(plan_exam(bundled_bank(), Mode.FULL, 1), ExamTiming.standard())
    assert exam.on(Tick(), 5) == []
    assert exam.on(Paused(), 5) == []
    assert exam.next_deadline_ms() is None
    assert exam.on(EndRequested(), 10)[-1] == Finish("ended_by_learner")
    assert exam.start(20) == []


def test_an_hour_late_tick_ends_the_exam_in_good_order() -> None:
    sitting = Sitting.of("full").start().reach(Phase.P1_FRAME2).open_turn()
    sitting.wait(HOUR)
    actions = sitting.send(Tick())
    assert actions[0] == StopListening("moved_on")
    sitting.run()
    assert sitting.finish.reason == "time_limit"


def test_a_clock_that_jumps_back_does_no_harm() -> None:
    sitting = Sitting.of("part2").start().reach(Phase.P2_TALK)
    sitting.send(SpeechStarted())
    at = sitting.now_ms
    sitting.now_ms -= 30_000
    sitting.send(SpeechStopped())
    sitting.now_ms = at + 9_000
    assert StopListening("moved_on") in sitting.send(Tick())


# --- snapshots ---


def test_a_snapshot_is_json_and_the_time_since_does_not_count() -> None:
    sitting = Sitting.of("part2").start().reach(Phase.P2_TALK)
    sitting.send(SpeechStarted())
    sitting.wait(100_000)
    sitting.send(SpeechStopped())
    data = json.loads(json.dumps(sitting.exam.snapshot()))
    later = sitting.now_ms + 24 * HOUR
    exam = Exam.restore(data, sitting.exam.plan, later)
    assert exam.phase is Phase.P2_TALK
    assert exam.phase_remaining_ms(later) == 20_000
    assert exam.listening


def test_a_paused_exam_stays_paused_when_restored_on_another_clock() -> None:
    sitting = Sitting.of("full").start().reach(Phase.P1_FRAME1)
    sitting.send(Paused())
    exam = Exam.restore(json.loads(json.dumps(sitting.exam.snapshot())), sitting.exam.plan, 17)
    assert exam.next_deadline_ms() is None
    assert exam.elapsed_ms(10**9) == sitting.length_ms
    exam.on(Resumed(), 1_000)
    due = exam.next_deadline_ms()
    assert due is not None
    assert due > 1_000


def test_what_was_being_said_is_known_after_restoring() -> None:
    sitting = Sitting.of("full").start()
    exam = Exam.restore(sitting.exam.snapshot(), sitting.exam.plan, 0)
    assert [line.text for line in exam.pending_lines] == sitting.texts
    exam.on(LineFinished(exam.pending_lines[-1].id), 5_000)
    assert exam.listening


@pytest.mark.parametrize(
    "damage",
    [
        lambda d: d.clear(),
        lambda d: d.update(version=2),
        lambda d: d.pop("state"),
        lambda d: d["state"].update(phase="lunch"),
        lambda d: d["timing"].update(talk_ms="long"),
        lambda d: d["state"].update(lines=[{"id": 3}]),
    ],
)
def test_what_is_not_a_snapshot_is_refused(damage: object) -> None:
    exam = Sitting.of("full").start().exam
    data = json.loads(json.dumps(exam.snapshot()))
    assert callable(damage)
    damage(data)
    with pytest.raises(SnapshotInvalid):
        Exam.restore(data, exam.plan, 0)


# --- speaking without delay ---


@pytest.mark.parametrize("mode", list(Mode))
def test_upcoming_lines_hold_what_is_said_next(mode: Mode) -> None:
    sitting = Sitting.of(mode).start()
    foreseen, said = 0, 0
    while not sitting.exam.finished:
        upcoming = sitting.exam.upcoming_lines()
        before = len(sitting.lines)
        sitting.step()
        new = [line.text for line in sitting.lines[before:]]
        said += len(new)
        foreseen += sum(text in upcoming for text in new)
    assert foreseen >= 0.75 * said


def test_looking_ahead_changes_nothing() -> None:
    sitting = Sitting.of("full").start()
    while not sitting.exam.finished:
        before = sitting.exam.snapshot()
        sitting.exam.upcoming_lines()
        assert sitting.exam.snapshot() == before
        sitting.step()
    assert sitting.exam.upcoming_lines() == []


def test_a_lost_connection_does_not_hide_what_comes_next() -> None:
    sitting = Sitting.of("part2").start().reach(Phase.P2_TALK)
    upcoming = sitting.exam.upcoming_lines()
    assert "Thank you. I'll stop you there." in upcoming
    sitting.send(Paused())
    assert sitting.exam.upcoming_lines() == upcoming


def test_the_repeat_and_the_next_question_are_both_foreseen() -> None:
    sitting = Sitting.of("part1").start().reach(Phase.P1_FRAME2).open_turn()
    question = sitting.last_question
    assert question is not None
    upcoming = sitting.exam.upcoming_lines()
    assert question.text in upcoming
    [following] = [t for t in lines_of(sitting.answer("I like it a lot, really.")) if t.endswith("?")]
    assert following in upcoming


def test_say_actions_carry_the_lines_in_order() -> None:
    sitting = Sitting.of("full").start()
    first = [a.line.kind for _, a in sitting.log if isinstance(a, Say)]
    assert first == ["greeting", "question"]
