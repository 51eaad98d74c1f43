"""A recogniser that fails is replaced in the middle of a turn, and no sound is lost."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from app.services.language_model import Breaker
from app.services.speech import (
    ModelNotReady,
    Partial,
    RecognitionFailed,
    RecognitionStream,
    Utterance,
    WithSubstitute,
)
from tests.fakes.engines import FakeRecogniser, FakeRecognition, Phrasebook
from tests.virtual_time import virtual_time

FRAME = 40 * 32


class Doomed(FakeRecogniser):
    """Its next streams are lost when they are fed beyond `lost_at_ms`."""

    lost_at_ms: int | None = None
    ready = True

    def open(
        self,
        *,
        start_ms: int,
        on_partial: Callable[[Partial], None],
        on_utterance: Callable[[Utterance], None],
        hints: Sequence[str] = (),
    ) -> FakeRecognition:
        if not self.ready:
            raise ModelNotReady("not yet")
        self.opened.append(start_ms)
        return _DoomedStream(self, start_ms, on_partial, on_utterance)


class _DoomedStream(FakeRecognition):
    def feed(self, pcm: bytes) -> None:
        super().feed(pcm)
        lost_at_ms = self._engine.lost_at_ms
        if lost_at_ms is not None and self._end_ms > lost_at_ms:
            raise RecognitionFailed("lost")


class Ears:
    """Two recognisers and what was noted."""

    def __init__(self) -> None:
        self.book = Phrasebook()
        self.first, self.second = Doomed(self.book), FakeRecogniser(self.book)
        self.breaker = Breaker(asyncio.get_running_loop().time, failures=2, pause_s=30)
        self.changes = 0
        self.noted: list[Utterance] = []
        self.recogniser = WithSubstitute(self.first, self.second, self.breaker, on_substitute=self._count)

    def _count(self) -> None:
        self.changes += 1

    def open(self) -> RecognitionStream:
        return self.recogniser.open(start_ms=1_000, on_partial=lambda _: None, on_utterance=self.noted.append)

    async def turn(self) -> tuple[Utterance, ...]:
        """Two utterances with a long pause between them."""
        stream = self.open()
        feed(stream, self.book.speak("my flat is small"))
        stream.resume(1_000)
        feed(stream, self.book.speak(3_400))
        stream.pause(2_280)
        rest = self.book.speak("but cheap")
        feed(stream, rest[: 200 * 32])
        stream.resume(5_680)
        feed(stream, rest[200 * 32 :])
        try:
            return await stream.finish()
        finally:
            await stream.aclose()


def feed(stream: RecognitionStream, pcm: bytes) -> None:
    for at in range(0, len(pcm), FRAME):
        stream.feed(pcm[at : at + FRAME])


def said(utterances: tuple[Utterance, ...] | list[Utterance]) -> list[tuple[int, str, int]]:
    return [(u.index, u.text, u.start_ms) for u in utterances]


WHOLE = [(0, "my flat is small", 1_000), (1, "but cheap", 5_680)]


@virtual_time
async def test_a_good_first_recogniser_is_left_alone() -> None:
    ears = Ears()
    assert said(await ears.turn()) == WHOLE == said(ears.noted)
    assert ears.second.opened == []
    assert ears.changes == 0


@pytest.mark.parametrize("lost_at_ms", [1_040, 1_500, 2_400, 5_000, 6_000])
@pytest.mark.parametrize("restored", [False, True])
def test_whenever_it_is_lost_every_utterance_is_there_once(lost_at_ms: int, restored: bool) -> None:
    @virtual_time
    async def run() -> None:
        ears = Ears()
        ears.first.lost_at_ms = lost_at_ms
        assert said(await ears.turn()) == WHOLE == said(ears.noted)
        assert ears.changes == 1
        if restored:
            ears.first.lost_at_ms = None
            assert said(await ears.turn()) == WHOLE
            assert ears.changes == 1

    run()


@virtual_time
async def test_what_the_first_one_has_settled_is_not_heard_again() -> None:
    ears = Ears()
    ears.first.lost_at_ms = 6_000
    await ears.turn()
    assert ears.second.opened == [2_280]


@virtual_time
async def test_a_failure_at_the_end_is_made_good() -> None:
    ears = Ears()
    ears.first.failing = 1
    assert said(await ears.turn()) == WHOLE


@virtual_time
async def test_a_first_one_that_fails_again_and_again_is_left_alone_and_tried_later() -> None:
    ears = Ears()
    ears.first.failing = 2
    for _ in range(3):
        assert said(await ears.turn()) == WHOLE
    assert len(ears.first.opened) == 2
    assert ears.changes == 3
    await asyncio.sleep(31)
    await ears.turn()
    assert ears.breaker.state == "closed"


@virtual_time
async def test_a_first_one_that_is_not_ready_is_passed_over() -> None:
    ears = Ears()
    ears.first.ready = False
    assert said(await ears.turn()) == WHOLE


@virtual_time
async def test_both_failing_is_said() -> None:
    ears = Ears()
    ears.first.failing = ears.second.failing = 1
    with pytest.raises(RecognitionFailed):
        await ears.turn()


@virtual_time
async def test_a_dropped_stream_closes_both_and_frees_the_breaker() -> None:
    ears = Ears()
    ears.first.failing = 2
    for _ in range(2):
        await ears.turn()
    await asyncio.sleep(31)
    stream = ears.open()
    await stream.aclose()
    assert ears.breaker.state == "closed"
