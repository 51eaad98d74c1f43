"""A learner who goes on with an answer across a cut, or across the death of a process: one answer, whole."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.api.websocket.protocol import AiReply, TtsClear
from app.services.speech import Speech
from tests.fakes.learner import Answer, Learner
from tests.fakes.world import World, another, world
from tests.virtual_time import virtual_time

NAME: Answer = ("My name is Alisher",)
HOME: Answer = ("I live in Tashkent", 700, "with my big family in old house near the river")
PLACE = "I live in a small town"
MORE = "and it is not far from the mountains"


@asynccontextmanager
async def reply_on_its_way() -> AsyncIterator[tuple[World, World, Learner]]:
    """The answer was taken as over, the reply is chosen and stored, and nothing of it can be heard yet."""
    async with world() as w, another(w) as other:
        learner = Learner(w, w.create().id, [NAME, (PLACE,), HOME])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("Where do you live?"))
        await learner.wait_for(lambda: learner.state == "learner_speaking")
        await learner.wait_for(lambda: not learner.microphone.speaking)
        for one in (w, other):
            one.voice.first_chunk_s = 3.0
            one.manager._voices._sounds.clear()
        said = len(learner.pipe.of(AiReply))
        await learner.wait_for(lambda: len(learner.pipe.of(AiReply)) > said)
        yield w, other, learner


def go_on(learner: Learner) -> None:
    learner.microphone.say(Speech(learner.world.book.speak(MORE)))


async def assert_one_answer(w: World, learner: Learner) -> None:
    await learner.wait_for(learner.has_summary)
    dialogue = w.store.dialogue(learner.session_id)
    answers = [turn.text for turn in dialogue if turn.speaker == "learner"]
    assert f"{PLACE} {MORE}" in answers
    assert MORE not in answers
    assert [turn.speaker for turn in dialogue if turn.kind == "discarded"] == ["examiner"]
    assert learner.story[-1].startswith("summary completed")
    assert learner.seqs == list(range(1, len(learner.seqs) + 1))
    stored = w.store.sessions[learner.session_id]
    assert await w.audio(stored.id) == bytes(learner.said)[: stored.audio_ms * 32]


@virtual_time
async def test_who_goes_on_after_a_cut_takes_the_reply_back() -> None:
    async with reply_on_its_way() as (w, _, learner):
        learner.cut()
        await asyncio.sleep(20)
        await learner.come_back()
        go_on(learner)
        await learner.wait_for(lambda: learner.pipe.of(TtsClear), within_s=3)
        await assert_one_answer(w, learner)


@virtual_time
async def test_who_goes_on_in_another_process_takes_the_reply_back() -> None:
    async with reply_on_its_way() as (w, other, learner):
        w.store.freeze()
        learner.cut()
        learner.world = other
        await learner.come_back()
        go_on(learner)
        await learner.wait_for(lambda: learner.pipe.of(TtsClear), within_s=3)
        await assert_one_answer(other, learner)


@virtual_time
async def test_what_was_said_before_the_process_died_takes_the_reply_back_when_it_is_heard_again() -> None:
    async with reply_on_its_way() as (w, other, learner):
        w.store.freeze()
        go_on(learner)
        await asyncio.sleep(2.5)
        learner.cut()
        learner.world = other
        before = len(learner.seqs)
        await learner.come_back()
        await learner.wait_for(lambda: learner.pipe.of(TtsClear), within_s=1)
        assert len(learner.seqs) > before
        await assert_one_answer(other, learner)


@pytest.mark.parametrize("dies", [False, True])
@virtual_time
async def test_a_reply_that_was_heard_stays_across_a_cut(dies: bool) -> None:
    async with world() as w, another(w) as other:
        learner = Learner(w, w.create().id, [NAME, (PLACE,), HOME])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("Where do you live?"))
        await learner.wait_for(lambda: learner.state == "learner_speaking")
        await learner.wait_for(lambda: learner.state == "examiner_speaking")
        await asyncio.sleep(1)
        if dies:
            w.store.freeze()
            learner.world = other
        learner.cut()
        await learner.come_back()
        learner.microphone.say(Speech(learner.world.book.speak("Oh")))
        await learner.wait_for(learner.has_summary)
        dialogue = other.store.dialogue(learner.session_id)
        assert PLACE in [turn.text for turn in dialogue]
        assert not [turn for turn in dialogue if turn.kind == "discarded"]
