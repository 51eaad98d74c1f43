"""Engines that come when they are called, and lose nothing that was said before."""

import asyncio

import pytest

from app.services.speech import (
    Deferred,
    DeferredVoice,
    ModelNotReady,
    RecognitionFailed,
    SynthesisFailed,
    Utterance,
)
from tests.fakes.engines import FakeRecogniser, FakeVoice, Phrasebook
from tests.virtual_time import virtual_time

FRAME = 40 * 32


class Coming:
    """Comes `after_s` once it was called; never if that is None, and `fails` instead if it shall."""

    def __init__(self, after_s: float | None, *, fails: bool = False) -> None:
        self._after_s = after_s
        self._fails = fails
        self.there = False
        self.called = 0

    async def get(self) -> None:
        self.called += 1
        if self._after_s is None:
            await asyncio.Event().wait()
        else:
            await asyncio.sleep(self._after_s)
        if self._fails:
            raise ModelNotReady("no such file")
        self.there = True


class Turn:
    """Two utterances with a long pause between them, spoken in real time."""

    def __init__(self, coming: Coming) -> None:
        self.book = Phrasebook()
        self.hears = FakeRecogniser(self.book)
        self.coming = coming
        self.noted: list[Utterance] = []
        self.stream = Deferred(self.hears, coming, patience_s=4).open(
            start_ms=1_000, on_partial=lambda _: None, on_utterance=self.noted.append
        )

    async def say(self) -> None:
        pcm = self.book.speak("my flat is small", 3_400, "but cheap")
        marks = {1_000: self.stream.resume, 2_280: self.stream.pause, 5_680: self.stream.resume}
        for at in range(0, len(pcm), FRAME):
            self.stream.feed(pcm[at : at + FRAME])
            await asyncio.sleep(0.04)
            now_ms = 1_000 + (at + FRAME) // 32
            for at_ms in [at_ms for at_ms in marks if at_ms <= now_ms]:
                marks.pop(at_ms)(at_ms)


WHOLE = [(0, "my flat is small", 1_000), (1, "but cheap", 5_680)]


def said(utterances: tuple[Utterance, ...] | list[Utterance]) -> list[tuple[int, str, int]]:
    return [(u.index, u.text, u.start_ms) for u in utterances]


@pytest.mark.parametrize("after_s", [0.0, 0.5, 2.0, 4.5, 5.5, 8.0])
def test_whenever_it_comes_everything_is_heard_once(after_s: float) -> None:
    @virtual_time
    async def run() -> None:
        turn = Turn(Coming(after_s))
        await turn.say()
        assert said(await turn.stream.finish()) == WHOLE == said(turn.noted)
        await turn.stream.aclose()
        await turn.stream.aclose()
        assert turn.hears.opened == [1_000]
        assert turn.coming.called == 1

    run()


@virtual_time
async def test_who_is_there_hears_at_once() -> None:
    coming = Coming(None)
    coming.there = True
    turn = Turn(coming)
    assert turn.hears.opened == [1_000]
    assert coming.called == 0


@pytest.mark.parametrize("coming", [Coming(None), Coming(30.0), Coming(0.5, fails=True)])
def test_a_turn_waits_a_bounded_time_for_who_does_not_come(coming: Coming) -> None:
    @virtual_time
    async def run() -> None:
        turn = Turn(coming)
        await turn.say()
        ended_s = asyncio.get_running_loop().time()
        with pytest.raises(RecognitionFailed, match="No recogniser"):
            await turn.stream.finish()
        assert asyncio.get_running_loop().time() - ended_s <= 4
        await turn.stream.aclose()
        assert turn.hears.opened == []

    run()


@virtual_time
async def test_a_line_waits_for_its_voice() -> None:
    voice, coming = FakeVoice(), Coming(2.0)
    deferred = DeferredVoice(voice, coming, patience_s=4)
    assert deferred.sample_rate == voice.sample_rate
    assert [chunk async for chunk in deferred.stream("Where do you live?")]
    late = DeferredVoice(voice, Coming(None), patience_s=4)
    with pytest.raises(SynthesisFailed, match="after 4 s"):
        await anext(aiter(late.stream("Where do you live?")))
