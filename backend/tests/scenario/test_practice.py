"""Practice through the protocol, in virtual time: feedback after each answer, repeats, the next question."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from app.api.websocket.protocol import (
    ClientMessage,
    ErrorEvent,
    ExamPhase,
    ServerMessage,
    SessionEnd,
    SessionStart,
    SttFinal,
    TurnFeedback,
    TurnNext,
    TurnRetry,
    TurnState,
    WarningEvent,
)
from app.services.session_store import SessionRecord
from tests.fakes.exam_plan import practice_of
from tests.fakes.learner import Answer, Learner
from tests.fakes.world import ALICE, World, another, world
from tests.scenario.test_takeover import die
from tests.virtual_time import virtual_time

PLOV: Answer = ("I eat plov every day because my mother cooks it",)
SOUP: Answer = ("I like soup", 900, "because it is healthy")
FRIEND: Answer = ("My best friend is Jasur", 700, "and we met at school ten years ago")


def practice(w: World, topic: str = "food", *, clock: str = "standard") -> SessionRecord:
    return w.store.create(ALICE, mode="practice", clock=clock, plan=practice_of(topic).to_dict())


class Practiser(Learner):
    """Does the next of `choices` whenever the feedback on an answer is there; with none left, nothing."""

    def choosing(self, *choices: ClientMessage) -> "Practiser":
        left = list(choices)

        def react(event: ServerMessage) -> None:
            if isinstance(event, TurnFeedback) and left:
                self.pipe.send(left.pop(0))

        self.on_event = react
        return self

    def feedback(self) -> list[TurnFeedback]:
        return [e for e in self.pipe.of(TurnFeedback) if isinstance(e, TurnFeedback)]


@virtual_time
async def test_the_story_of_a_practice() -> None:
    async with world() as w:
        session = practice(w)
        learner = Practiser(w, session.id, [PLOV, SOUP]).choosing(
            TurnRetry(), TurnNext(), TurnNext(), SessionEnd(reason="enough")
        )
        await learner.sit()
        expected = (Path(__file__).parent / "practice.txt").read_text().splitlines()
        assert learner.story == expected
        said = [turn for turn in w.store.dialogue(session.id) if turn.speaker == "learner"]
        assert [turn.question_id for turn in said] == ["P1-002.1", "P1-002.1", "P1-002.2", "P1-002.3"]
        assert {str(turn.id) for turn in said} == {event.turn_id for event in learner.feedback()}
        assert w.store.queued_analyses == [session.id]


@virtual_time
async def test_feedback_follows_the_final_at_once_and_is_a_durable_event() -> None:
    async with world() as w:
        session = practice(w)
        learner = Practiser(w, session.id, [SOUP]).choosing(SessionEnd())
        await learner.sit()
        [feedback] = learner.feedback()
        finals = [e for e in learner.pipe.of(SttFinal) if isinstance(e, SttFinal)]
        assert feedback.text == " ".join(final.text for final in finals)
        assert feedback.turn_id == finals[-1].turn_id
        assert feedback.ts is not None
        assert finals[-1].ts is not None
        assert feedback.ts - finals[-1].ts <= 1_000
        stored = {event.seq: event.type for event in w.store.events[session.id]}
        assert feedback.seq is not None
        assert stored[feedback.seq] == "turn.feedback"


@virtual_time
async def test_an_exam_stays_silent() -> None:
    async with world() as w:
        learner = Practiser(w, w.create("part1").id, [PLOV])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("learner:"))
        learner.pipe.send(TurnRetry())
        learner.pipe.send(TurnNext())
        await learner.wait_for(lambda: len(learner.pipe.of(ErrorEvent)) == 2)
        assert learner.heard("error unexpected")
        await learner.end()
        assert not learner.feedback()


@virtual_time
async def test_who_chooses_nothing_gets_the_next_question_after_a_while() -> None:
    async with world() as w:
        learner = Practiser(w, practice(w).id, [PLOV])
        states: list[str] = []
        learner.on_event = lambda e: states.append(e.state) if isinstance(e, TurnState) else None
        story = await learner.sit()
        assert story[-1].startswith("summary completed, 4 answers")
        assert [line for line in story if line.startswith("examiner: Who cooks")]
        assert states.count("reviewing") == 4
        reviews = [e for e in learner.pipe.of(ExamPhase) if isinstance(e, ExamPhase) and e.phase == "review"]
        assert [e.limit_ms for e in reviews] == [60_000] * 4


@virtual_time
async def test_a_talk_is_prepared_held_and_held_again() -> None:
    async with world() as w:
        learner = Practiser(w, practice(w, "friends").id, [FRIEND]).choosing(TurnRetry(), SessionEnd())
        story = await learner.sit()
        phases = [line.split()[1].strip(",") for line in story if line.startswith("phase")]
        talked = ["p2_talk", "review"]
        assert phases == ["p2_instruct", "p2_prep", *talked, *talked, "close"]
        assert len(learner.feedback()) == 2


@virtual_time
async def test_the_question_can_be_asked_for_again_or_passed_over_at_any_moment() -> None:
    async with world() as w:
        learner = Practiser(w, practice(w).id, [()])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("What do you eat?"))
        learner.pipe.send(TurnRetry())
        await learner.wait_for(lambda: learner.heard("(repeat) [P1-002.1]"))
        await learner.wait_for(lambda: learner.state == "listening")
        learner.pipe.send(TurnNext())
        await learner.wait_for(lambda: learner.heard("Do you cook?"))
        learner.pipe.send(TurnNext())
        await learner.wait_for(lambda: learner.heard("Where do you shop?"))
        assert not learner.feedback()
        await learner.end()


@pytest.mark.parametrize("choice", [TurnRetry, TurnNext])
@virtual_time
async def test_a_choice_in_the_middle_of_an_answer_loses_no_word_of_it(
    choice: Callable[[], ClientMessage],
) -> None:
    async with world() as w:
        session = practice(w)
        learner = Practiser(w, session.id, [PLOV])
        await learner.start()
        await learner.wait_for(lambda: learner.state == "learner_speaking")
        await learner.wait_for(lambda: len(learner.partials) >= 2)
        learner.pipe.send(choice())
        learner.microphone.hush()
        learner.answers.appendleft(())
        await learner.wait_for(lambda: len(learner.feedback()) == 1)
        [said] = [turn for turn in w.store.dialogue(session.id) if turn.speaker == "learner"]
        assert said.text == learner.feedback()[0].text != ""
        await learner.wait_for(lambda: learner.heard("(repeat)") or learner.heard("Do you cook?"))
        await learner.end()


@virtual_time
async def test_what_is_said_after_the_feedback_is_not_part_of_the_answer() -> None:
    async with world() as w:
        session = practice(w)
        learner = Practiser(w, session.id, [SOUP])
        await learner.start()
        await learner.wait_for(learner.feedback)
        await asyncio.sleep(1)
        learner.speak("oh that is what I said")
        await learner.wait_for(lambda: learner.heard("Do you cook?"))
        said = [turn for turn in w.store.dialogue(session.id) if turn.speaker == "learner"]
        assert [turn.text for turn in said] == ["I like soup because it is healthy"]
        await learner.end()


@virtual_time
async def test_an_answer_that_goes_on_gets_its_feedback_anew() -> None:
    async with world() as w:
        session = practice(w)
        w.analysis_s = 1.5
        learner = Practiser(w, session.id, [("I like soup", 1_900, "because it is healthy"), ()])
        await learner.start()
        await learner.wait_for(learner.feedback)
        assert learner.feedback()[-1].text == "I like soup because it is healthy"
        assert len({event.turn_id for event in learner.feedback()}) == 1
        await learner.end()


@virtual_time
async def test_feedback_comes_once_across_a_cut() -> None:
    async with world() as w:
        session = practice(w)
        w.analysis_s = 3.0
        learner = Practiser(w, session.id, [PLOV, ()])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("learner: I eat plov"))
        learner.cut()
        await w.until(lambda: [e for e in w.store.events[session.id] if e.type == "turn.feedback"])
        await learner.come_back()
        await learner.wait_for(lambda: learner.heard("feedback on"))
        assert sum(line.startswith("feedback on") for line in learner.story) == 1
        await learner.end()


@pytest.mark.parametrize("part", ["analysis", "feedback"])
@virtual_time
async def test_no_feedback_is_no_end(part: str) -> None:
    async with world() as w:
        w.analysis_fails, w.feedback_fails = part == "analysis", part == "feedback"
        learner = Practiser(w, practice(w, clock="short").id, [PLOV])
        story = await learner.sit()
        warnings = [e for e in learner.pipe.of(WarningEvent) if isinstance(e, WarningEvent)]
        assert [e.code for e in warnings] == ["feedback_unavailable"] * 4
        assert story[-1].startswith("summary completed")


@virtual_time
async def test_a_choice_that_is_sent_twice_is_taken_once() -> None:
    async with world() as w:
        learner = Practiser(w, practice(w).id, [()])
        learner._connect()
        learner.pipe.send(SessionStart(seq=1))
        learner.started = True
        await learner.wait_for(lambda: learner.heard("What do you eat?"))
        learner.pipe.send(TurnNext(seq=2))
        learner.pipe.send(TurnNext(seq=2))
        await learner.wait_for(lambda: learner.heard("Do you cook?"))
        await learner.wait_for(lambda: learner.state == "listening")
        assert not learner.heard("Where do you shop?")
        await learner.end()


@virtual_time
async def test_feedback_that_a_dead_process_owed_comes_once_from_the_next() -> None:
    async with world() as w, another(w) as other:
        session = practice(w)
        w.analysis_s = 60.0
        learner = Practiser(w, session.id, [PLOV, ()])
        await learner.start()
        await learner.wait_for(lambda: learner.heard("phase review"))
        await asyncio.sleep(5)
        die(w)
        learner.cut()
        learner.world = other
        await asyncio.sleep(12)
        await learner.come_back()
        await learner.wait_for(lambda: learner.heard("feedback on 10 words"))
        learner.pipe.send(TurnNext())
        await learner.wait_for(lambda: learner.heard("Do you cook?"))
        await learner.end()
        assert sum(line.startswith("feedback on") for line in learner.story) == 1
        assert learner.seqs == list(range(1, len(learner.seqs) + 1))
