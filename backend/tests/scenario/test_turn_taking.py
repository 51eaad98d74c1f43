"""Who speaks when: learners who go on, interrupt, think, or say nothing. No word is lost."""

import asyncio

import pytest

from app.api.websocket.protocol import AiReply, SttFinal, TtsClear
from app.services.speech import Speech
from tests.fakes.engines import Spoken
from tests.fakes.learner import Answer, Learner
from tests.fakes.world import World, world
from tests.virtual_time import virtual_time

NAME: Answer = ("My name is Alisher",)
HOME: Answer = ("I live in Tashkent", 700, "with my big family in old house near the river")
PLACE = "I live in a small town"
MORE = "and it is not far from the mountains"


def say(learner: Learner, *pieces: Spoken) -> None:
    learner.microphone.say(Speech(learner.world.book.speak(*pieces)))


def answers_of(w: World, learner: Learner) -> list[str]:
    return [t.text for t in w.store.dialogue(learner.session_id) if t.speaker == "learner"]


def asked(w: World, learner: Learner, text: str) -> int:
    """How often the learner was put a question, lines that were taken back left out."""
    dialogue = w.store.dialogue(learner.session_id)
    return sum(t.text == text and t.kind != "discarded" for t in dialogue if t.speaker == "examiner")


def texts(learner: Learner) -> list[str]:
    return [e.text for e in learner.pipe.of(AiReply) if isinstance(e, AiReply)]


def last_kind(learner: Learner) -> str:
    reply = learner.pipe.of(AiReply)[-1]
    assert isinstance(reply, AiReply)
    return reply.kind


async def at_home_question(learner: Learner) -> None:
    await learner.start()
    await learner.wait_for(lambda: learner.heard("Where do you live?"))
    await learner.wait_for(lambda: learner.state == "learner_speaking")
    await learner.wait_for(lambda: not learner.microphone.speaking)


async def one_answer_and_no_repeat(w: World, learner: Learner) -> None:
    await learner.wait_for(learner.has_summary)
    answers = answers_of(w, learner)
    assert f"{PLACE} {MORE}" in answers
    assert MORE not in answers
    assert asked(w, learner, "Where do you live?") == 1
    assert learner.story[-1].startswith("summary completed")
    finals = [e.text for e in learner.pipe.of(SttFinal) if isinstance(e, SttFinal)]
    assert " ".join(finals) == " ".join(answers)


@virtual_time
async def test_a_learner_who_goes_on_while_the_transcript_is_made_has_one_answer() -> None:
    async with world() as w:
        w.recogniser.final_s = 2.0
        learner = Learner(w, w.create().id, [NAME, (PLACE,), HOME])
        await at_home_question(learner)
        await learner.wait_for(lambda: learner.state == "thinking")
        said = len(texts(learner))
        say(learner, MORE)
        await learner.wait_for(lambda: learner.state == "learner_speaking")
        assert len(texts(learner)) == said
        assert not learner.pipe.of(TtsClear)
        await one_answer_and_no_repeat(w, learner)
        assert w.meter.cut_offs == [1]


@virtual_time
async def test_a_reply_that_was_chosen_and_not_heard_is_taken_back_when_the_learner_goes_on() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, (PLACE,), HOME])
        await at_home_question(learner)
        w.voice.first_chunk_s = 3.0
        w.manager._voices._sounds.clear()
        said = len(texts(learner))
        await learner.wait_for(lambda: len(texts(learner)) > said)
        await asyncio.sleep(0.5)
        say(learner, MORE)
        await learner.wait_for(lambda: learner.pipe.of(TtsClear))
        await learner.wait_for(lambda: learner.state == "learner_speaking")
        await one_answer_and_no_repeat(w, learner)
        dialogue = w.store.dialogue(learner.session_id)
        assert [t.speaker for t in dialogue if t.kind == "discarded"] == ["examiner"]


@virtual_time
async def test_an_answer_that_goes_on_while_it_is_listened_to_is_listened_to_whole() -> None:
    async with world() as w:
        w.listening_s = 1.5
        learner = Learner(w, w.create().id, [NAME, (PLACE,), HOME])
        await at_home_question(learner)
        w.voice.first_chunk_s = 3.0
        w.manager._voices._sounds.clear()
        said = len(texts(learner))
        await learner.wait_for(lambda: len(texts(learner)) > said)
        await asyncio.sleep(0.5)
        say(learner, MORE)
        await one_answer_and_no_repeat(w, learner)
        [answer] = [t for t in w.store.dialogue(learner.session_id) if t.text == f"{PLACE} {MORE}"]
        assert answer.analysis is not None
        assert answer.analysis["heard_ms"] == answer.end_ms - answer.start_ms


@virtual_time
async def test_who_speaks_in_the_moment_the_reply_begins_was_going_on() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, (PLACE,), HOME])
        await at_home_question(learner)
        await learner.wait_for(lambda: learner.state == "examiner_speaking")
        say(learner, MORE)
        await learner.wait_for(lambda: learner.pipe.of(TtsClear), within_s=1)
        await one_answer_and_no_repeat(w, learner)


@virtual_time
async def test_a_question_is_heard_out_and_what_was_said_over_its_end_begins_the_answer() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, (PLACE,), HOME])
        await at_home_question(learner)
        await learner.wait_for(lambda: learner.heard("What do you like about it?"))
        await learner.wait_for(lambda: 0 < learner.unplayed_ms() < 1_200)
        learner.speak("it is very quiet and green in the summer")
        await learner.wait_for(lambda: learner.heard("learner: it is very quiet and green in the summer"))
        assert not learner.pipe.of(TtsClear)


@pytest.mark.parametrize(
    ("words", "gives_way"), [("and also my two brothers live here", True), ("mhm", False)]
)
@virtual_time
async def test_a_transition_gives_way_to_words_and_not_to_a_noise(words: str, gives_way: bool) -> None:
    async with world() as w:
        learner = Learner(w, w.create("part1").id, [NAME, ("Ali",), HOME])
        await learner.start()
        await learner.wait_for(
            lambda: learner.heard("learner: I live") and last_kind(learner) == "transition"
        )
        await learner.wait_for(lambda: 1_100 < learner.unplayed_ms() < 1_260)
        before = len(learner.pipe.of(TtsClear))
        say(learner, words)
        await asyncio.sleep(3.5)
        assert (len(learner.pipe.of(TtsClear)) > before) is gives_way
        await learner.wait_for(learner.has_summary)
        assert learner.story[-1].startswith("summary completed")
        merged = [text for text in answers_of(w, learner) if text.endswith(f" {words}")]
        assert bool(merged) is gives_way


@virtual_time
async def test_an_interruption_after_the_last_sound_was_sent_silences_what_is_buffered() -> None:
    async with world() as w:
        learner = Learner(w, w.create("part1").id, [NAME, ("Ali",), HOME])
        await learner.start()
        await learner.wait_for(
            lambda: learner.heard("learner: I live") and last_kind(learner) == "transition"
        )
        await learner.wait_for(lambda: 1_100 < learner.unplayed_ms() < 1_260)
        say(learner, "wait I forgot something")
        await learner.wait_for(lambda: learner.pipe.of(TtsClear), within_s=1.6)
        await learner.wait_for(learner.has_summary)
        assert any(text.endswith("wait I forgot something") for text in answers_of(w, learner))


@virtual_time
async def test_a_recogniser_that_is_down_neither_repeats_questions_nor_ends_the_exam() -> None:
    async with world() as w:
        w.recogniser.failing = 100
        learner = Learner(w, w.create().id, [NAME, HOME])
        story = await learner.sit()
        assert not any("(repeat)" in line for line in story)
        assert story[-1].startswith("summary completed")


@virtual_time
async def test_ten_seconds_of_silence_in_the_talk_bring_one_prompt_and_no_second() -> None:
    async with world() as w:
        talk: Answer = ("I would like to speak about my friend", 30_000)
        learner = Learner(w, w.create("part2", clock="standard").id, [talk, ()])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("learner: I would like"))
        await learner.wait_for(lambda: learner.heard("phase p2_round"))
        assert sum("(prompt)" in line for line in learner.story) == 1


THINKING: Answer = ("I like my city because", 3_000, "it is near the mountains")


@virtual_time
async def test_who_stops_on_a_word_that_asks_for_more_is_waited_for() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, THINKING, HOME])
        await learner.sit()
        assert "I like my city because it is near the mountains" in answers_of(w, learner)
        assert not w.meter.cut_offs
        assert not learner.pipe.of(TtsClear)


@virtual_time
async def test_by_silence_alone_the_same_learner_is_cut_off() -> None:
    async with world() as w:
        object.__setattr__(w.parts, "end_of_turn", lambda text: False)
        learner = Learner(w, w.create().id, [NAME, THINKING, HOME])
        await learner.sit()
        assert "I like my city because" in answers_of(w, learner)


@pytest.mark.parametrize(("words", "waits_s"), [("I like my city because", 4.0), ("I like my city", 1.2)])
@virtual_time
async def test_a_wait_has_its_end_and_nobody_who_has_finished_waits_longer(
    words: str, waits_s: float
) -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [NAME, (words,), HOME])
        await at_home_question(learner)
        silent_since = asyncio.get_running_loop().time()
        await learner.wait_for(lambda: learner.state == "thinking")
        assert waits_s - 0.2 <= asyncio.get_running_loop().time() - silent_since <= waits_s + 0.3


@virtual_time
async def test_recognisers_are_told_what_the_learner_is_called_once_that_is_known() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [("my name is Alisher Navoiy",), ("I live in Tashkent",)])
        await learner.sit()
        first, *later = w.recogniser.hints
        assert first == ()
        assert set(later) == {("Alisher", "Navoiy")}


@virtual_time
async def test_what_is_overheard_after_an_answer_is_recognised_with_the_name_in_mind() -> None:
    async with world() as w:
        w.recogniser.final_s = 2.0
        learner = Learner(w, w.create().id, [NAME, (PLACE,), HOME])
        await at_home_question(learner)
        await learner.wait_for(lambda: learner.state == "thinking")
        opened = len(w.recogniser.hints)
        say(learner, MORE)
        await learner.wait_for(lambda: learner.state == "learner_speaking")
        assert w.recogniser.hints[opened:] == [("Alisher",)]
        learner.leave()


@virtual_time
async def test_the_name_that_a_client_gives_is_expected_from_the_first_answer_on() -> None:
    async with world() as w:
        learner = Learner(w, w.create().id, [("I am Dilnoza",)])
        await learner.start("Dilnoza Karimova")
        await learner.wait_for(lambda: w.recogniser.hints)
        assert w.recogniser.hints[0] == ("Dilnoza", "Karimova")
        learner.leave()
