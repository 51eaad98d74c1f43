"""The analysis of an answer makes way for the reply to it, and for nothing else."""

import pytest

from app.api.websocket.latency import TurnLatency
from tests.fakes.learner import Answer, Learner
from tests.fakes.world import world
from tests.virtual_time import virtual_time

NAME: Answer = ("My name is Alisher",)
HOME: Answer = ("I live in Tashkent", 700, "with my big family in old house near the river")


@virtual_time
async def test_an_answer_is_analysed_when_the_reply_to_it_can_be_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with world() as w:
        w.analysis_s = 0.0
        w.voice.first_chunk_s = 0.6
        known_at_reply: list[int] = []

        def note(latency: TurnLatency) -> None:
            w.manager._voices._sounds.clear()
            known_at_reply.append(len(w.analysed))

        monkeypatch.setattr(w.meter, "turn_answered", note)
        learner = Learner(w, w.create("part1").id, [NAME, HOME])
        await learner.sit()
        assert len(known_at_reply) > 5
        assert known_at_reply == list(range(len(known_at_reply)))
        assert len(w.analysed) == len(known_at_reply)


@virtual_time
async def test_a_reply_that_does_not_come_is_not_waited_for_long() -> None:
    async with world() as w:
        w.analysis_s = 0.0
        learner = Learner(w, w.create().id, [NAME, HOME])
        await learner.start()
        await learner.wait_for(lambda: learner.state == "thinking")
        w.voice.stalled = True
        w.manager._voices._sounds.clear()
        await learner.wait_for(lambda: w.analysed, within_s=2.5)


@virtual_time
async def test_who_ends_the_exam_while_a_reply_is_made_has_the_summary_at_once() -> None:
    async with world() as w:
        w.analysis_s = 0.0
        w.recogniser.final_s = 0.4
        learner = Learner(w, w.create().id, [NAME, HOME])
        await learner.start()
        await learner.wait_for(lambda: learner.state == "thinking")
        before_ms = w.parts.clock.now_ms()
        await learner.end()
        assert w.parts.clock.now_ms() - before_ms < 1_000
        assert learner.story[-1].startswith("summary")
        assert len(w.analysed) == 1
