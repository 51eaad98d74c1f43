"""Listening during the talk: in order, bounded, never owed. Every step is taken on the event loop."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TypeVar

import pytest

from app.services.analysis_coordinator import LearnerTurn, Listener
from app.services.pronunciation_engine.learned import SpeechResult, Steps
from app.services.speech import EngineBusy, SpokenTurn

T = TypeVar("T")


class InThreeSteps:
    """Notes every step it takes, by the answer's first millisecond."""

    confusions: Mapping[tuple[str, str], float] = {}

    def __init__(self) -> None:
        self.steps: list[int] = []

    def assess_speech(self, pcm: bytes, *, start_ms: int, budget_s: float) -> SpeechResult:
        raise AssertionError("nothing is listened to at once during the talk")

    def listen(self, pcm: bytes, *, start_ms: int) -> Steps[SpeechResult]:
        for _ in range(3):
            self.steps.append(start_ms)
            yield
        return SpeechResult("ok", heard_ms=len(pcm))


class Hands:
    """Computes a step when told to."""

    def __init__(self) -> None:
        self.free = asyncio.Event()
        self.failure: Exception | None = None

    async def __call__(self, step: Callable[[], T]) -> T:
        await self.free.wait()
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure
        return step()


def answer(start_s: int, end_s: int, kind: str = "question") -> LearnerTurn:
    return LearnerTurn(f"t{start_s}", start_s, 1, None, "", SpokenTurn(start_s * 1_000, end_s * 1_000), kind)


async def sound(start_ms: int, end_ms: int) -> bytes:
    return bytes(end_ms - start_ms)


def listener(assessor: InThreeSteps | None, hands: Hands, waiting_ms: int = 100_000) -> Listener:
    async def loaded() -> InThreeSteps | None:
        return assessor

    return Listener(loaded, hands, waiting_ms=waiting_ms)


async def test_answers_are_listened_to_one_after_the_other() -> None:
    assessor, hands = InThreeSteps(), Hands()
    ears = listener(assessor, hands)
    hands.free.set()
    found = await asyncio.gather(*(ears.listen(answer(at, at + 5), sound) for at in (0, 10, 20)))
    assert [result and result.heard_ms for result in found] == [5_000] * 3
    assert assessor.steps == [0] * 3 + [10_000] * 3 + [20_000] * 3


async def test_what_is_too_much_is_left_to_the_deep_analysis_at_once() -> None:
    hands = Hands()
    ears = listener(InThreeSteps(), hands, waiting_ms=60_000)
    first = asyncio.ensure_future(ears.listen(answer(0, 40), sound))
    await asyncio.sleep(0)
    assert await ears.listen(answer(50, 75), sound) is None
    hands.free.set()
    assert await first is not None
    assert await ears.listen(answer(80, 105), sound) is not None


async def test_who_gives_up_makes_room() -> None:
    assessor, hands = InThreeSteps(), Hands()
    ears = listener(assessor, hands, waiting_ms=40_000)
    given_up = asyncio.ensure_future(ears.listen(answer(0, 40), sound))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    hands.free.set()
    assert await ears.listen(answer(50, 90), sound) is not None
    assert assessor.steps == [50_000] * 3


async def test_a_busy_machine_drops_the_answer() -> None:
    hands = Hands()
    hands.failure = EngineBusy("full")
    hands.free.set()
    ears = listener(InThreeSteps(), hands, waiting_ms=40_000)
    assert await ears.listen(answer(0, 40), sound) is None
    hands.failure = None
    assert await ears.listen(answer(50, 90), sound) is not None


@pytest.mark.parametrize("turn", [answer(0, 5, "greeting"), answer(7, 7)])
async def test_what_does_not_count_is_not_listened_to(turn: LearnerTurn) -> None:
    assert await listener(InThreeSteps(), Hands()).listen(turn, sound) is None


async def test_without_models_nothing_is_listened_to() -> None:
    assert await listener(None, Hands()).listen(answer(0, 5), sound) is None
