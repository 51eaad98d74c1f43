"""How the examiner deals with silence, requests and short answers."""

import pytest

from app.services.conversation import (
    AnswerEnded,
    LineFinished,
    Mode,
    Part2Card,
    Phase,
    Say,
    SpeechStarted,
    SpeechStopped,
    StopListening,
    Tick,
)
from tests.services.conversation.sitting import (
    ENDLESS,
    Sitting,
    Speech,
    lines_of,
    words,
)


def at_question(mode: Mode | str, phase: Phase, *, seed: int = 1) -> Sitting:
    """A sitting whose next event is the learner's answer to the first question of the phase."""
    return Sitting.of(mode, seed=seed).start().reach(phase).open_turn()


def silent_turn(sitting: Sitting) -> list[str]:
    """Say nothing for a whole turn; what the examiner says then."""
    sitting.now_ms = sitting.exam.next_deadline_ms() or 0
    assert any(isinstance(a, StopListening) for a in sitting.send(Tick()))
    return lines_of(sitting.send(AnswerEnded("", 0, 0)))


def heard(sitting: Sitting) -> Sitting:
    """Let the examiner finish, up to the learner's next turn."""
    return sitting.open_turn()


def card_of(sitting: Sitting) -> Part2Card:
    card = sitting.exam.plan.card
    assert card is not None
    return card


# --- Part 1 ---


def test_silence_after_a_part_1_question_brings_it_once_more_and_then_the_next() -> None:
    sitting = at_question("part1", Phase.P1_FRAME2)
    question = sitting.last_question
    assert question is not None
    opened = sitting.now_ms
    assert silent_turn(sitting) == [question.text]
    assert sitting.now_ms - opened == 7_000
    assert sitting.lines[-1].kind == "repeat"
    assert sitting.lines[-1].frame_conformance == "verbatim"
    assert question.text not in silent_turn(heard(sitting))


@pytest.mark.parametrize("request_text", ["Sorry?", "Can you repeat, please?", "I don't understand."])
def test_a_part_1_question_is_repeated_once_in_the_same_words(request_text: str) -> None:
    sitting = at_question("part1", Phase.P1_FRAME2)
    question = sitting.last_question
    assert question is not None
    assert lines_of(sitting.answer(request_text)) == [question.text]
    assert question.text not in lines_of(heard(sitting).answer(request_text))


@pytest.mark.parametrize(
    ("plea", "refusal"),
    [("What does that mean?", "help with words"), ("What is my score?", "how you are doing")],
)
def test_requests_for_help_are_refused_and_the_question_put_again(plea: str, refusal: str) -> None:
    sitting = at_question("part1", Phase.P1_FRAME2)
    question = sitting.last_question
    assert question is not None
    said = lines_of(sitting.answer(plea))
    assert refusal in said[0]
    assert said[1] == question.text
    again = lines_of(heard(sitting).answer(plea))
    assert refusal in again[0]
    assert question.text not in again


def test_i_dont_know_is_an_answer_in_part_1() -> None:
    sitting = at_question("part1", Phase.P1_FRAME2)
    question = sitting.last_question
    assert question is not None
    assert question.text not in lines_of(sitting.answer("I don't know."))


def test_a_tiny_answer_is_followed_by_why_at_most_once_a_topic() -> None:
    sitting = Sitting.of("part1", lambda *_: Speech("Yes.", 500)).start().run()
    whys = [line for line in sitting.lines if line.text in ("Why?", "Why not?")]
    assert whys
    topics = [line.question_id.rpartition(".")[0] for line in whys if line.question_id]
    assert len(topics) == len(set(topics))
    assert {line.text for line in whys} == {"Why?"}


def test_why_not_follows_a_no() -> None:
    sitting = Sitting.of("part1", lambda *_: Speech("No.", 500)).start().run()
    assert "Why not?" in sitting.texts
    assert "Why?" not in sitting.texts


def test_a_follow_up_that_is_not_understood_is_left() -> None:
    sitting = at_question("part1", Phase.P1_FRAME2)
    while "Why?" not in lines_of(sitting.answer("Yes.", 500)):
        heard(sitting)
    asked = sitting.last_question
    after = lines_of(heard(sitting).answer("Sorry?"))
    assert asked is not None
    assert sitting.lines[-1].question_id != asked.question_id
    assert "Why?" not in after


def test_a_name_nobody_gave_is_not_asked_for_again() -> None:
    sitting = Sitting.of("part1").start().open_turn()
    silent_turn(sitting)
    silent_turn(heard(sitting))
    assert "And what would you like me to call you?" not in sitting.texts
    assert sitting.exam.phase is Phase.P1_FRAME1


def routed(answer: str, *more: str) -> Sitting:
    """A sitting in which the work-or-study question got these replies."""
    seed = next(s for s in range(20) if Sitting.of("part1", seed=s).exam.plan.frames[0].study)
    sitting = at_question("part1", Phase.P1_FRAME1, seed=seed)
    assert sitting.last_question is not None
    assert sitting.last_question.question_id == "P1-work-or-study"
    sitting.answer(answer)
    for reply in more:
        heard(sitting).answer(reply)
    return sitting


@pytest.mark.parametrize(
    ("replies", "frame"),
    [
        (("I am a student.",), "study"),
        (("I work in a hospital.",), "work"),
        (("I am retired.",), "home"),
        (("Yes, of course, yes.", "I study economics."), "study"),
        (("Yes, of course, yes.", "Yes, I think so."), "home"),
    ],
)
def test_the_reply_chooses_between_work_and_study(replies: tuple[str, ...], frame: str) -> None:
    sitting = routed(*replies)
    first = sitting.exam.plan.frames[0]
    expected = {"study": first.study, "work": first.work, "home": first.topic}[frame]
    assert expected is not None
    assert sitting.texts[-1] == expected.questions[0].text
    assert sitting.lines[-1].question_id == expected.question_id(0)


@pytest.mark.parametrize(
    ("reply", "line", "conformance"),
    [
        ("You can call me Aziza.", "Thank you, Aziza. First,", "slot_filled"),
        ("It's okay, whatever.", "Thank you. First,", "verbatim"),
    ],
)
def test_the_name_is_used_only_when_one_was_understood(reply: str, line: str, conformance: str) -> None:
    sitting = Sitting.of("part1").start().open_turn()
    sitting.answer("My name is Aziza Karimova.")
    heard(sitting).answer(reply)
    lead = next(x for x in sitting.lines if "First," in x.text)
    assert lead.text.startswith(line)
    assert lead.frame_conformance == conformance


# --- Part 2 ---


def test_silence_at_the_start_of_the_talk_brings_one_prompt_and_then_the_rounding_off() -> None:
    sitting = at_question("part2", Phase.P2_TALK)
    opened = sitting.now_ms
    assert silent_turn(sitting) == ["Please talk about the topic on your card."]
    assert sitting.now_ms - opened == 9_000
    after = silent_turn(heard(sitting))
    assert after[-1] == card_of(sitting).rounding_off[0]


def pause_in_talk(sitting: Sitting, spoken_ms: int, text: str) -> list[str]:
    sitting.send(SpeechStarted())
    sitting.wait(spoken_ms)
    sitting.send(SpeechStopped())
    fell_silent = sitting.now_ms
    sitting.now_ms = sitting.exam.next_deadline_ms() or 0
    assert sitting.now_ms - fell_silent == 9_000
    sitting.send(Tick())
    return lines_of(sitting.send(AnswerEnded(text, spoken_ms, len(text.split()))))


def test_a_talk_that_stops_early_gets_one_prompt() -> None:
    sitting = at_question("part2", Phase.P2_TALK)
    assert pause_in_talk(sitting, 40_000, "talk " * 80) == ["Can you tell me anything more about that?"]
    assert sitting.lines[-1].question_id == card_of(sitting).id
    after = pause_in_talk(heard(sitting), 10_000, "more " * 20)
    assert after[-1] == card_of(sitting).rounding_off[0]


def test_the_silence_itself_is_not_talk() -> None:
    sitting = at_question("part2", Phase.P2_TALK)
    assert "anything more" in pause_in_talk(sitting, 55_000, "talk " * 110)[0]


def test_a_talk_of_a_minute_needs_no_prompt() -> None:
    sitting = at_question("part2", Phase.P2_TALK)
    after = pause_in_talk(sitting, 61_000, "talk " * 120)
    assert after[-1] == card_of(sitting).rounding_off[0]


def test_thinking_pauses_do_not_end_the_talk() -> None:
    sitting = at_question("part2", Phase.P2_TALK)
    for _ in range(6):
        sitting.send(SpeechStarted())
        sitting.wait(10_000)
        sitting.send(SpeechStopped())
        sitting.wait(8_900)
        assert sitting.send(Tick()) == []
    assert sitting.exam.listening


def test_saying_done_before_the_prompt_time_brings_the_prompt() -> None:
    sitting = at_question("part2", Phase.P2_TALK)
    assert lines_of(sitting.answer("That is all I can say about it.", 30_000)) == [
        "Can you tell me anything more about that?"
    ]


def test_a_learner_who_says_done_in_mid_speech_has_talked_until_then() -> None:
    sitting = at_question("part2", Phase.P2_TALK)
    for event, wait in ((SpeechStarted(), 10_000), (SpeechStopped(), 2_000), (SpeechStarted(), 55_000)):
        sitting.send(event)
        sitting.wait(wait)
    after = lines_of(sitting.send(AnswerEnded("talk " * 120, 65_000, 120)))
    assert after[-1] == card_of(sitting).rounding_off[0]


def test_a_talk_that_was_stopped_is_not_thanked_for_twice() -> None:
    sitting = at_question("part2", Phase.P2_TALK)
    sitting.send(SpeechStarted())
    sitting.wait(120_000)
    _, stop = sitting.send(Tick())
    assert isinstance(stop, Say)
    sitting.send(LineFinished(stop.line.id))
    assert lines_of(sitting.send(AnswerEnded("talk " * 200, 120_000, 200))) == [
        card_of(sitting).rounding_off[0]
    ]


def test_a_second_rounding_off_question_only_if_there_is_time() -> None:
    slow = Sitting.of("part2", lambda *_: ENDLESS).start().run()
    quick = Sitting.of("part2", lambda *_: words(10)).start().run()
    rounding = card_of(quick).rounding_off
    assert rounding[0] in slow.texts
    assert rounding[1] not in slow.texts
    assert rounding[1] in quick.texts


# --- Part 3 ---


@pytest.mark.parametrize(
    "stalled",
    ["I don't know.", "Yes, of course.", "Sorry, can you repeat?", "I don't understand the question."],
)
def test_a_stalled_discussion_is_rephrased_once_and_then_made_easier(stalled: str) -> None:
    sitting = at_question("part3", Phase.P3_THEME_A)
    first, second = card_of(sitting).p3[:2]
    assert lines_of(sitting.answer(stalled)) == [first.rephrase]
    assert sitting.lines[-1].kind == "rephrase"
    assert sitting.lines[-1].frame_conformance == "paraphrase"
    after = lines_of(heard(sitting).answer(stalled))
    assert after[-1] == second.text


def test_silence_in_the_discussion_is_rephrased_and_then_left() -> None:
    sitting = at_question("part3", Phase.P3_THEME_A)
    first, second = card_of(sitting).p3[:2]
    assert silent_turn(sitting) == [first.rephrase]
    assert silent_turn(heard(sitting))[-1] == second.text


def test_a_thin_answer_is_probed_once() -> None:
    sitting = at_question("part3", Phase.P3_THEME_A)
    first, second = card_of(sitting).p3[:2]
    assert lines_of(sitting.answer("I think people usually like it.")) == [first.probe]
    assert lines_of(heard(sitting).answer("I think people usually like it."))[-1] == second.text


def test_a_learner_with_no_answer_to_a_probe_is_left_in_peace() -> None:
    sitting = at_question("part3", Phase.P3_THEME_A)
    first, second = card_of(sitting).p3[:2]
    assert lines_of(sitting.answer("I think people usually like it.")) == [first.probe]
    after = lines_of(heard(sitting).answer("I don't know."))
    assert after[-1] == second.text
    assert first.rephrase not in after


def test_two_strong_answers_lead_straight_to_the_abstract_questions() -> None:
    sitting = Sitting.of("part3", lambda *_: Speech("because " * 90, 45_000)).start().run()
    asked = [line.question_id for line in sitting.lines if line.kind == "question"]
    items = {card_of(sitting).question_id("p3", i): q for i, q in enumerate(card_of(sitting).p3)}
    levels = [items[q].level for q in asked if q]
    assert levels[2] == 3
    assert min(levels[:2]) == 1


def test_a_weak_learner_is_never_led_to_harder_questions_first() -> None:
    sitting = Sitting.of("part3", lambda *_: Speech("I don't know.", 900)).start().run()
    asked = [line.question_id for line in sitting.lines if line.kind == "question"]
    assert asked == [card_of(sitting).question_id("p3", i) for i in range(6)]


def test_both_sub_themes_are_announced() -> None:
    sitting = Sitting.of("part3").start().run()
    card = card_of(sitting)
    said = [line.text for line in sitting.lines if line.kind == "transition"]
    assert len(said) == 2
    assert card.p3[0].theme in said[0]
    assert card.p3[-1].theme in said[1]
    assert card.about not in said[0], "there was no talk to refer to"


def test_after_a_talk_the_discussion_refers_to_it() -> None:
    sitting = Sitting.of("full").start().reach(Phase.P3_THEME_A)
    lead = next(line for line in sitting.lines if line.kind == "transition" and line.part == 3)
    assert card_of(sitting).about in lead.text
    assert lead.frame_conformance == "slot_filled"
