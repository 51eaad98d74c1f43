"""Faults that may pass are tried again; a provider that fails is left alone, and the next one asked."""

import asyncio

import pytest

from app.services.language_model import (
    Breaker,
    Generated,
    Generation,
    Guarded,
    InOrder,
    LanguageModelUnavailable,
    Retrying,
    Unavailability,
)
from tests.fakes.prompts import CannedModel
from tests.virtual_time import virtual_time

REQUEST = Generation("s", "u", {}, 0.0, 10, timeout_s=10.0)


def down(why: Unavailability, retry_after_s: float | None = None) -> LanguageModelUnavailable:
    return LanguageModelUnavailable(why, "no", retry_after_s=retry_after_s)


async def why(model: Retrying | Guarded | InOrder) -> Unavailability:
    with pytest.raises(LanguageModelUnavailable) as told:
        await model.generate(REQUEST)
    return told.value.why


class Silent:
    """Gives no reply within the time it has; says so, or waits to be cancelled."""

    def __init__(self, *, says_so: bool = True) -> None:
        self.given_s: list[float] = []
        self._says_so = says_so

    async def generate(self, request: Generation) -> Generated:
        self.given_s.append(request.timeout_s)
        await asyncio.sleep(request.timeout_s if self._says_so else 3_600)
        raise down("late")


class TestRetrying:
    """Once more, after a pause."""

    @virtual_time
    async def test_a_fault_that_passes_costs_only_time(self) -> None:
        model = CannedModel(down("overloaded"), down("unreachable"), "{}")
        began = asyncio.get_running_loop().time()
        assert (await Retrying(model, chance=lambda: 1.0).generate(REQUEST)).text == "{}"
        assert asyncio.get_running_loop().time() - began == pytest.approx(0.5 + 1.0)
        assert [r.timeout_s for r in model.asked] == pytest.approx([10, 9.5, 8.5])

    @virtual_time
    async def test_it_gives_up_after_three(self) -> None:
        model = CannedModel(down("overloaded"))
        assert await why(Retrying(model)) == "overloaded"
        assert len(model.asked) == 3

    @pytest.mark.parametrize("reason", ["refused", "blocked", "cut_off", "late", "paused"])
    async def test_what_will_not_pass_is_asked_once(self, reason: Unavailability) -> None:
        model = CannedModel(down(reason))
        assert await why(Retrying(model)) == reason
        assert len(model.asked) == 1

    @virtual_time
    async def test_a_provider_that_asks_for_a_pause_gets_it_if_there_is_time(self) -> None:
        model = CannedModel(down("overloaded", 4.0), "{}")
        began = asyncio.get_running_loop().time()
        await Retrying(model).generate(REQUEST)
        assert asyncio.get_running_loop().time() - began >= 4.0
        hopeless = CannedModel(down("overloaded", 60.0), "{}")
        assert await why(Retrying(hopeless)) == "overloaded"
        assert len(hopeless.asked) == 1


class TestInOrder:
    """Several providers, each behind its breaker."""

    def guarded(self, model: object, **settings: float) -> Guarded:
        breaker = Breaker(asyncio.get_running_loop().time, failures=2, pause_s=30)
        return Guarded(model, breaker, "p")  # type: ignore[arg-type]  # any model

    @virtual_time
    async def test_the_next_provider_takes_over_and_the_first_is_left_alone(self) -> None:
        first, second = CannedModel(down("unreachable")), CannedModel("{}")
        models = InOrder([self.guarded(first), self.guarded(second)])
        for _ in range(4):
            await models.generate(REQUEST)
        assert (len(first.asked), len(second.asked)) == (2, 4)
        await asyncio.sleep(30)
        await models.generate(REQUEST)
        assert len(first.asked) == 3

    @virtual_time
    async def test_a_slow_provider_leaves_time_for_the_next_one(self) -> None:
        first, second = Silent(), CannedModel("{}")
        await InOrder([self.guarded(first), self.guarded(second)]).generate(REQUEST)
        assert first.given_s == [6.0]
        assert second.asked[0].timeout_s == pytest.approx(4.0)

    async def test_a_blocked_reply_is_not_carried_to_another_provider(self) -> None:
        second = CannedModel("{}")
        models = InOrder([self.guarded(CannedModel(down("blocked"))), self.guarded(second)])
        for _ in range(4):
            assert await why(models) == "blocked"
        assert second.asked == []

    async def test_with_all_of_them_down_nobody_is_asked_for_a_while(self) -> None:
        first, second = CannedModel(down("refused")), CannedModel(down("overloaded"))
        models = InOrder([self.guarded(first), self.guarded(second)])
        assert [await why(models) for _ in range(4)] == ["overloaded", "overloaded", "paused", "paused"]
        assert len(second.asked) == 2

    @virtual_time
    async def test_a_call_that_is_given_up_counts_against_the_provider(self) -> None:
        model = Silent(says_so=False)
        guarded = self.guarded(model)
        for _ in range(2):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(1):
                    await guarded.generate(REQUEST)
        assert await why(guarded) == "paused"
        await asyncio.sleep(30)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await guarded.generate(REQUEST)
        assert await why(guarded) == "paused"
