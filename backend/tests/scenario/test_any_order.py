"""Whatever comes in whatever order, through protocol and session: cuts, crashes, moves between processes,
second tabs, events sent twice or in the wrong order, interruptions, a failing store. Nothing is lost, nothing
happens twice, nobody is charged for being away, and the exam ends."""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.fakes.anyone import Anyone
from tests.virtual_time import VirtualTimeLoop

MAX_PROCESSES = 4
WITHOUT_END = 1_000_000
AWAY_MS = st.sampled_from([0, 300, 20_000, 90_000])
"""At once, after a moment, after longer than a lease lasts, and just within the time to come back."""


class AnyOrder(RuleBasedStateMachine):
    """One exam. Steps run in virtual time; between them time stands still."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner(loop_factory=VirtualTimeLoop)
        self.processes = AsyncExitStack()
        self.learner: Anyone

    def run(self, step: Coroutine[Any, Any, None]) -> None:
        """Take a step, unless the exam is over; what it sets off happens now."""

        async def taken() -> None:
            if self.over:
                step.close()
                return
            await step
            await asyncio.sleep(0.05)

        self.runner.run(taken())

    @property
    def over(self) -> bool:
        return self.learner.has_summary()

    @property
    def may_move(self) -> bool:
        return self.learner.number < MAX_PROCESSES

    @initialize(mode=st.sampled_from(["part1", "quick"]), into_ms=st.integers(0, 30_000))
    def begin(self, mode: Any, into_ms: int) -> None:
        async def arrive() -> None:
            self.learner = await Anyone.arrives(mode, self.processes)
            await asyncio.sleep(into_ms / 1_000)

        self.runner.run(arrive())

    @rule(ms=st.integers(0, 12_000))
    def wait(self, ms: int) -> None:
        self.run(asyncio.sleep(ms / 1_000))

    @rule(away_ms=AWAY_MS)
    def cut(self, away_ms: int) -> None:
        self.run(self.learner.lose(away_ms))

    @precondition(lambda self: self.may_move)
    @rule(away_ms=AWAY_MS)
    def go_elsewhere(self, away_ms: int) -> None:
        async def go() -> None:
            await self.learner.lose(away_ms, await self.learner.process())

        self.run(go())

    @precondition(lambda self: self.may_move)
    @rule(away_ms=AWAY_MS, wakes=st.booleans())
    def crash(self, away_ms: int, wakes: bool) -> None:
        self.run(self.learner.killed(away_ms, wakes=wakes))

    @precondition(lambda self: self.may_move)
    @rule(done=st.booleans(), for_ms=st.integers(0, 4_000))
    def crash_with_the_database_away(self, done: bool, for_ms: int) -> None:
        async def crash() -> None:
            self.learner.world.store.fail(WITHOUT_END)
            self.learner.pipe.send(self.learner.commit(done=done))
            await asyncio.sleep(for_ms / 1_000)
            await self.learner.killed(0)

        self.run(crash())

    @precondition(lambda self: self.may_move)
    @rule()
    def drain(self) -> None:
        self.run(self.learner.drained())

    @rule()
    def second_tab(self) -> None:
        self.run(self.learner.taken_over(self.learner.world))

    @precondition(lambda self: self.may_move)
    @rule()
    def second_tab_elsewhere(self) -> None:
        async def go() -> None:
            await self.learner.taken_over(await self.learner.process())

        self.run(go())

    @rule(done=st.booleans())
    def commit(self, done: bool) -> None:
        async def commit() -> None:
            self.learner.pipe.send(self.learner.commit(done=done))

        self.run(commit())

    @rule()
    def commits_in_the_wrong_order(self) -> None:
        self.run(self.learner.reordered())

    @rule()
    def everything_again(self) -> None:
        self.learner.again()

    @rule()
    def interrupt(self) -> None:
        self.learner.interrupt()

    @rule()
    def small_talk(self) -> None:
        self.learner.small_talk()

    @rule(writes=st.integers(1, 3), lost_answers=st.booleans())
    def store_fails(self, writes: int, lost_answers: bool) -> None:
        self.learner.world.store.fail(writes, lost_answers=lost_answers)

    @invariant()
    def nothing_has_gone_wrong(self) -> None:
        if hasattr(self, "learner"):
            assert self.learner.witness.faults == []
            assert self.learner.witness.errors == []
            self.runner.run(self.learner.kept())

    def teardown(self) -> None:
        async def finish() -> None:
            async with self.processes:
                await self.learner.finish()

        try:
            if hasattr(self, "learner"):
                self.runner.run(finish())
                assert self.learner.witness.faults == []
                assert self.learner.witness.errors == []
        finally:
            self.runner.close()


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=30,
    stateful_step_count=12,
    phases=[Phase.generate],  # steps are few, and to leave some out for a shorter proof takes minutes
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
