"""Whole exams in virtual time."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from app.services.conversation import (
    EnterPhase,
    ExamTiming,
    Finish,
    Line,
    Listen,
    Mode,
    Phase,
    PrepReady,
    Say,
    bundled_bank,
)
from app.services.conversation.turn_policy import DISCUSSION, INTERVIEW, LONG_TURN
from tests.services.conversation.sitting import ENDLESS, Learner, Sitting, Speech, steady, words

MINUTE = 60_000
FORBIDDEN = re.compile(
    r"\b(great|excellent|perfect|interesting|well done|good (answer|job|point)|band|score|i (dis)?agree"
    r"|that's (right|wrong|correct)|you (said|made))\b",
    re.IGNORECASE,
)
"""Praise, correction, agreement, hints at a band."""


def test_a_full_exam_runs_its_course_in_time() -> None:
    sitting = Sitting.of(Mode.FULL).start().run()
    assert sitting.phases == [
        Phase.OPENING,
        Phase.P1_FRAME1,
        Phase.P1_FRAME2,
        Phase.P1_FRAME3,
        Phase.P2_INSTRUCT,
        Phase.P2_PREP,
        Phase.P2_TALK,
        Phase.P2_ROUND,
        Phase.P3_THEME_A,
        Phase.P3_THEME_B,
        Phase.CLOSE,
    ]
    assert sitting.finish.reason == "completed"
    assert 11 * MINUTE <= sitting.length_ms <= 14 * MINUTE
    part1 = sitting.began_ms(Phase.P2_INSTRUCT)
    part2 = sitting.began_ms(Phase.P3_THEME_A) - part1
    part3 = sitting.began_ms(Phase.CLOSE) - sitting.began_ms(Phase.P3_THEME_A)
    assert 4 * MINUTE <= part1 <= 5 * MINUTE
    assert 3 * MINUTE <= part2 <= 4 * MINUTE
    assert 4 * MINUTE <= part3 <= 5 * MINUTE


@pytest.mark.parametrize(
    ("mode", "first", "last"),
    [
        (Mode.PART1, Phase.P1_FRAME1, Phase.P1_FRAME3),
        (Mode.PART2, Phase.P2_INSTRUCT, Phase.P2_ROUND),
        (Mode.PART3, Phase.P3_THEME_A, Phase.P3_THEME_B),
        (Mode.QUICK, Phase.P1_FRAME1, Phase.P3_THEME_B),
    ],
)
def test_each_mode_practises_its_parts_and_ends(mode: Mode, first: Phase, last: Phase) -> None:
    sitting = Sitting.of(mode).start().run()
    assert sitting.phases[0] is Phase.OPENING
    assert sitting.phases[1] is first
    assert sitting.phases[-2:] == [last, Phase.CLOSE]
    assert sitting.finish.reason == "completed"


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("mode", list(Mode))
def test_every_line_keeps_to_the_examiners_conduct(mode: Mode, seed: int) -> None:
    sitting = Sitting.of(mode, seed=seed).start().run()
    bank = bundled_bank()
    printed = {q.text for s in bank.part1 for q in s.questions}
    printed |= {t for c in bank.part2 for t in (c.topic, *c.rounding_off)}
    for line in sitting.lines:
        if line.part in (1, 2) and line.kind == "question" and line.question_id != "P1-work-or-study":
            assert line.text in printed
            assert line.frame_conformance == "verbatim"
        assert not FORBIDDEN.search(line.text)
        assert line.expects_answer == (line.kind in ("question", "repeat", "rephrase", "prompt"))
    assert len({line.id for line in sitting.lines}) == len(sitting.lines)


@pytest.mark.parametrize("learner", [steady, lambda *_: ENDLESS, lambda *_: words(20)])
@pytest.mark.parametrize("seed", range(5))
def test_no_acknowledgement_comes_three_times_running(learner: Learner, seed: int) -> None:
    sitting = Sitting.of("full", learner, seed=seed).start().run()
    thanks = [line.text for line in sitting.lines if line.kind in ("acknowledgement", "stop")]
    assert len(thanks) >= 4
    assert all(len({*three}) > 1 for three in zip(thanks, thanks[1:], thanks[2:], strict=False))


def test_a_question_is_put_before_every_turn() -> None:
    sitting = Sitting.of("full").start().run()
    asked = [a for _, a in sitting.log if isinstance(a, Say) and a.line.expects_answer]
    turns = sitting.all(Listen)
    # The talk itself is opened by the card, which is no question.
    assert len(turns) == len(asked) + 1
    assert [t.question_id for t in turns if t.part != 2] == [
        a.line.question_id for a in asked if a.line.part != 2
    ]


def test_turn_policies_by_part() -> None:
    sitting = Sitting.of("full").start().run()
    turns = sitting.all(Listen)
    assert {t.policy for t in turns if t.part in (None, 1)} == {INTERVIEW}
    assert [t.policy for t in turns if t.part == 2] == [LONG_TURN, INTERVIEW, INTERVIEW]
    assert {t.policy for t in turns if t.part == 3} == {DISCUSSION}


def test_preparation_and_talk_last_as_long_as_they_should() -> None:
    sitting = Sitting.of("part2", lambda *_: ENDLESS).start().run()
    log = [(at, a) for at, a in sitting.log if not isinstance(a, Finish)]
    start_line = next(at for at, a in log if isinstance(a, Say) and a.line.text.startswith("All right."))
    assert start_line - sitting.began_ms(Phase.P2_PREP) == MINUTE
    stop = next(at for at, a in log if isinstance(a, Say) and a.line.kind == "stop")
    assert stop - sitting.began_ms(Phase.P2_TALK) == 2 * MINUTE
    cards = [e.card for e in sitting.all(EnterPhase)]
    assert [c is not None for c in cards] == [False, False, True, True, False, False]
    limits = {e.phase: e.limit_ms for e in sitting.all(EnterPhase)}
    assert limits[Phase.P2_PREP] == MINUTE
    assert limits[Phase.P2_TALK] == 2 * MINUTE


def test_phase_remaining_counts_down_and_stops_at_zero() -> None:
    sitting = Sitting.of("part2").start()
    assert sitting.exam.phase_remaining_ms(sitting.now_ms) is None
    sitting.reach(Phase.P2_PREP)
    assert sitting.exam.phase_remaining_ms(sitting.now_ms) == MINUTE
    assert sitting.exam.phase_remaining_ms(sitting.now_ms + 45_000) == 15_000
    assert sitting.exam.phase_remaining_ms(sitting.now_ms + 95_000) == 0


def test_a_learner_who_never_stops_is_stopped_everywhere_and_the_exam_ends_in_time() -> None:
    def talker(sitting: Sitting, line: Line) -> Speech:
        return steady(sitting, line) if sitting.exam.phase is Phase.OPENING else ENDLESS

    sitting = Sitting.of("full", talker).start().run()
    assert sitting.finish.reason == "completed"
    assert sitting.length_ms <= 14 * MINUTE + 10_000
    stops = [line for line in sitting.lines if line.kind == "stop"]
    assert {line.part for line in stops} == {1, 2, 3}
    # Polite, and with no second thanks on top.
    for stop, following in pairwise(sitting.lines):
        if stop.kind == "stop":
            assert following.kind in ("question", "transition", "instruction", "closing")


def test_part_1_answers_are_stopped_at_45_seconds() -> None:
    sitting = Sitting.of("part1", lambda *_: ENDLESS).start().reach(Phase.P1_FRAME1)
    sitting.open_turn()
    opened = sitting.exam.elapsed_ms(sitting.now_ms)
    sitting.run(lambda s: s.cut)
    assert sitting.exam.elapsed_ms(sitting.now_ms) - opened == 45_000 + 800
    assert sitting.texts[-1] == "Thank you."


def test_part_3_stops_at_five_minutes_in_the_middle_of_an_answer() -> None:
    answers = iter([words(120), words(120), words(100), words(110), words(40), ENDLESS])

    def learner(*_: object) -> Speech:
        return next(answers, ENDLESS)

    sitting = Sitting.of("part3", learner).start().run()
    close = sitting.began_ms(Phase.CLOSE)
    assert 4 * MINUTE <= close <= 5 * MINUTE
    assert sitting.finish.reason == "completed"


@pytest.mark.parametrize("seed", range(10))
def test_topics_get_their_share_of_part_1(seed: int) -> None:
    long_answers = Speech("I work in an office and " + "so on " * 30, 40_000)
    sitting = Sitting.of("part1", seed=seed).start().reach(Phase.P1_FRAME1)
    sitting.learner = lambda *_: long_answers
    sitting.run()
    topics = [phase for phase in sitting.phases if phase.startswith("p1")]
    assert topics == [Phase.P1_FRAME1, Phase.P1_FRAME2, Phase.P1_FRAME3]
    assert sitting.length_ms <= 5.5 * MINUTE


def test_a_learner_who_is_through_early_gets_a_fourth_topic() -> None:
    sitting = Sitting.of("part1", lambda *_: Speech("I really like it there.", 2_000)).start().run()
    assert Phase.P1_FRAME4 in sitting.phases


def test_the_hard_stop_ends_an_exam_that_is_late() -> None:
    timing = replace(ExamTiming.standard(), hard_stop_ms=200_000)
    sitting = Sitting.of("full", timing=timing).start().run()
    assert sitting.finish.reason == "time_limit"
    assert sitting.began_ms(Phase.CLOSE) == 200_000
    assert sitting.texts[-1] == "Thank you. That's the end of the speaking test."


def test_the_short_clock_says_what_it_does() -> None:
    sitting = Sitting.of("quick", timing=ExamTiming.short()).start().run()
    instruction = next(t for t in sitting.texts if "topic" in t and "prepare" in t)
    assert "a few seconds" in instruction
    assert "half a minute" in instruction
    limits = {e.phase: e.limit_ms for e in sitting.all(EnterPhase)}
    assert limits[Phase.P2_PREP] == 3_000
    assert limits[Phase.P2_TALK] == 30_000
    assert "one minute" not in instruction


def test_prep_ready_starts_the_talk_early_and_only_there() -> None:
    sitting = Sitting.of("part2").start()
    assert sitting.send(PrepReady()) == []
    sitting.reach(Phase.P2_PREP)
    sitting.wait(10_000)
    [say] = sitting.send(PrepReady())
    assert isinstance(say, Say)
    assert say.line.text.startswith("All right.")
    assert sitting.send(PrepReady()) == []
    sitting.reach(Phase.P2_TALK)
    assert sitting.send(PrepReady()) == []
    assert sitting.began_ms(Phase.P2_TALK) - sitting.began_ms(Phase.P2_PREP) < 20_000


def test_a_second_start_changes_nothing() -> None:
    sitting = Sitting.of("full").start()
    assert sitting.exam.start(sitting.now_ms + 5) == []


def test_nothing_follows_finish() -> None:
    sitting = Sitting.of("quick").start().run()
    said = len(sitting.log)
    for event, at in list(sitting.events):
        assert sitting.exam.on(event, at + 10**7) == []
    assert len(sitting.log) == said
    assert sitting.exam.next_deadline_ms() is None
