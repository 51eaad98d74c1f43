"""Silence without end, noise, and transcripts that come late or never."""

import pytest

from app.services.conversation import (
    AnswerEnded,
    Line,
    LineFinished,
    Listen,
    Mode,
    Phase,
    Say,
    SpeechStarted,
    StopListening,
    Tick,
)
from tests.services.conversation.sitting import ENDLESS, SILENCE, Sitting, Speech, lines_of, steady


@pytest.mark.parametrize("mode", list(Mode))
def test_total_silence_ends_the_exam(mode: Mode) -> None:
    sitting = Sitting.of(mode, lambda *_: SILENCE).start().run()
    assert sitting.finish.reason == "no_response"
    assert sitting.texts[-1] == "I can't hear any answers, so I'll stop here. Thank you."
    turns_without_a_word = [line for line in sitting.lines if line.kind == "question"]
    assert len(turns_without_a_word) <= 4


def test_noise_without_words_counts_as_silence() -> None:
    def noise(sitting: Sitting, line: Line) -> Speech:
        return ENDLESS

    sitting = Sitting.of("full", noise).start()
    while not sitting.exam.finished:
        if sitting.cut:
            sitting.send(AnswerEnded("", 40_000, 0))
        else:
            sitting.step()
    assert sitting.finish.reason == "no_response"
    assert sitting.length_ms < 5 * 60_000


def test_one_word_starts_the_count_of_unanswered_questions_again() -> None:
    def every_third(sitting: Sitting, line: Line) -> Speech:
        questions = [x for x in sitting.lines if x.kind == "question"]
        return steady(sitting, line) if len(questions) % 3 == 0 else SILENCE

    sitting = Sitting.of("part1", every_third).start().run()
    assert sitting.finish.reason == "completed"


def test_words_caught_while_the_turn_was_being_cut_are_an_answer() -> None:
    sitting = Sitting.of("part1").start().reach(Phase.P1_FRAME2).open_turn()
    question = sitting.last_question
    assert question is not None
    sitting.now_ms = sitting.exam.next_deadline_ms() or 0
    sitting.send(Tick())
    said = lines_of(sitting.send(AnswerEnded("I really enjoy doing it at home", 2_000, 7)))
    assert question.text not in said


def test_a_late_or_second_answer_changes_nothing() -> None:
    sitting = Sitting.of("part1").start().reach(Phase.P1_FRAME2).open_turn()
    sitting.answer("I enjoy it a lot with my friends.")
    assert sitting.exam.on(AnswerEnded("again", 100, 1), sitting.now_ms) == []


def test_the_stop_line_comes_at_once_and_the_next_question_with_the_transcript() -> None:
    sitting = Sitting.of("part1").start().reach(Phase.P1_FRAME2).open_turn()
    sitting.send(SpeechStarted())
    sitting.wait(45_000)
    stop, thanks = sitting.send(Tick())
    assert stop == StopListening("time_up")
    assert isinstance(thanks, Say)
    assert thanks.line.kind == "stop"
    following = sitting.send(AnswerEnded("so on " * 40, 45_000, 80))
    assert isinstance(following[-1], Say)
    assert following[-1].line.kind == "question"
    assert not any(isinstance(a, Listen) for a in following)
    sitting.open_turn()


def test_a_transcript_that_never_comes_does_not_hold_the_exam_up() -> None:
    sitting = Sitting.of("part1").start().reach(Phase.P1_FRAME2).open_turn()
    sitting.send(SpeechStarted())
    sitting.wait(45_000)
    _, stop = sitting.send(Tick())
    assert isinstance(stop, Say)
    sitting.wait(1_000)
    assert sitting.send(LineFinished(stop.line.id)) == []
    assert sitting.exam.next_deadline_ms() == sitting.now_ms - 1_000 + 20_000
    sitting.wait(19_000)
    [following] = sitting.send(Tick())
    assert isinstance(following, Say)
    assert following.line.kind == "question"
    assert sitting.exam.on(AnswerEnded("too late", 9_000, 2), sitting.now_ms) == []


def test_a_line_nobody_reports_as_heard_does_not_hold_the_exam_up() -> None:
    sitting = Sitting.of("part1").start()
    sitting.speaking.clear()
    due = sitting.exam.next_deadline_ms()
    assert due is not None
    sitting.now_ms = due
    sitting.send(Tick())
    sitting.now_ms = sitting.exam.next_deadline_ms() or 0
    sitting.send(Tick())
    assert sitting.listening


@pytest.mark.parametrize("phase", [Phase.P1_FRAME1, Phase.P3_THEME_A])
def test_an_answer_that_could_not_be_recognised_is_an_answer(phase: Phase) -> None:
    sitting = Sitting.of("full").start().reach(phase).open_turn()
    question = sitting.last_question
    assert question is not None
    sitting.send(SpeechStarted())
    said = lines_of(sitting.send(AnswerEnded("", 6_000, 0, recognised=False)))
    assert not {"repeat", "rephrase", "prompt"} & {line.kind for line in sitting.lines[-2:]}
    assert question.text not in said
    assert said
