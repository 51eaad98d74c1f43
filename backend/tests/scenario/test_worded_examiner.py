"""A line that a model worded is part of the exam like any other: said once, stored, never made anew."""

import asyncio

from app.services.conversation import WordingWanted
from app.services.prompt_manager import OnBehalfOf
from tests.fakes.learner import Answer, Learner
from tests.fakes.world import ALICE, World, world
from tests.virtual_time import virtual_time

STALLED: Answer = ("I don't know",)
VIEW: Answer = ("I think friends are important", 1_200, "because people need somebody who can help them") * 3
SCRIPTED = "Simply A1, friendship?"
LINE = "What is friendship, in a few words?"


class Wording:
    """Words lines after a while, and remembers what it was asked."""

    def __init__(self, w: World, line: str | None, *, seconds: float = 0.7) -> None:
        self.wanted: list[WordingWanted] = []
        self._line = line
        self._seconds = seconds
        w.word = self._word

    async def _word(self, learner: OnBehalfOf, wanted: WordingWanted) -> str | None:
        assert learner.user_id == ALICE
        self.wanted.append(wanted)
        await asyncio.sleep(self._seconds)
        return self._line


def spoken(w: World, learner: Learner) -> list[str]:
    """What the examiner has said, as it is stored."""
    return [turn.text for turn in w.store.dialogue(learner.session_id) if turn.speaker == "examiner"]


@virtual_time
async def test_a_worded_line_is_said_and_stored_in_place_of_the_scripted_one() -> None:
    async with world() as w:
        wording = Wording(w, LINE)
        learner = Learner(w, w.create("part3", clock="standard").id, [STALLED, VIEW])
        await learner.sit()
        (wanted,) = wording.wanted
        assert (wanted.kind, wanted.answer) == ("rephrase", "I don't know")
        (turn,) = [turn for turn in w.store.dialogue(learner.session_id) if turn.text == LINE]
        assert (turn.speaker, turn.frame_conformance) == ("examiner", "paraphrase")
        assert SCRIPTED not in spoken(w, learner)


@virtual_time
async def test_without_words_the_script_stands() -> None:
    async with world() as w:
        Wording(w, None)
        learner = Learner(w, w.create("part3", clock="standard").id, [STALLED, VIEW])
        await learner.sit()
        assert spoken(w, learner).count(SCRIPTED) == 1


@virtual_time
async def test_who_comes_back_hears_the_same_line_and_no_new_one_is_made() -> None:
    async with world() as w:
        wording = Wording(w, LINE)
        learner = Learner(w, w.create("part3", clock="standard").id, [STALLED, VIEW])
        await learner.start()
        await learner.wait_for(lambda: LINE in spoken(w, learner))
        learner.cut()
        await asyncio.sleep(20)
        await learner.come_back()
        await learner.wait_for(learner.has_summary)
        assert len(wording.wanted) == 1
        assert spoken(w, learner).count(LINE) == 1


@virtual_time
async def test_a_connection_that_is_cut_while_a_line_is_made_costs_nothing() -> None:
    async with world() as w:
        wording = Wording(w, LINE)
        learner = Learner(w, w.create("part3", clock="standard").id, [STALLED, VIEW])
        await learner.start()
        await learner.wait_for(lambda: bool(wording.wanted))
        learner.cut()
        await asyncio.sleep(20)
        await learner.come_back()
        await learner.wait_for(learner.has_summary)
        assert learner.heard("learner: I don't know")
        assert spoken(w, learner).count(LINE) == 1


@virtual_time
async def test_who_goes_on_while_a_line_is_made_is_heard_to_the_end_and_never_gets_it() -> None:
    async with world() as w:
        wording = Wording(w, LINE, seconds=2.0)
        hesitant: Answer = ("I don't know", 2_600, "maybe friends help people when life is hard", *VIEW)
        learner = Learner(w, w.create("part3", clock="standard").id, [hesitant, VIEW])
        await learner.sit()
        assert wording.wanted[0].answer == "I don't know"
        assert not {LINE, SCRIPTED} & set(spoken(w, learner))
        (first, *_) = [turn for turn in w.store.dialogue(learner.session_id) if turn.speaker == "learner"]
        assert first.text.startswith("I don't know maybe friends help people when life is hard")
