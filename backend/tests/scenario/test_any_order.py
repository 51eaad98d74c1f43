"""Whatever comes in whatever order, through protocol and session: cuts, crashes, moves between processes,
events sent twice, interruptions, a failing store. Nothing is lost, nothing happens twice, the exam ends."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack, suppress

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.api.websocket.protocol import (
    AudioCommit,
    AudioFrame,
    ClientHeartbeat,
    ErrorEvent,
    FrameKind,
    Ready,
    ServerMessage,
)
from client.microphone import Speech
from tests.fakes.learner import Learner
from tests.fakes.world import World, world
from tests.scenario.test_takeover import another
from tests.virtual_time import virtual_time

MAX_PROCESSES = 4
WAITS = st.integers(0, 12_000)
STEPS = st.one_of(
    st.sampled_from(
        ["cut", "crash", "move", "commit", "done", "again", "interrupt", "ready", "beat", "store"]
    ),
    WAITS,
)


class Anyone:
    """A learner who does what the steps say, and answers by themselves meanwhile; every word is said once."""

    def __init__(self, first: World, processes: AsyncExitStack) -> None:
        self.processes = processes
        self.current = first
        self.number = 1
        self.words = 0
        self.commits: list[AudioCommit] = []
        self.errors: list[str] = []
        answers = [(self.phrase(4), 600, self.phrase(3)) for _ in range(40)]
        self.learner = Learner(first, first.create("part1").id, answers)
        self.learner.on_event = self.heard

    def phrase(self, length: int) -> str:
        """Words that were never said before."""
        self.words += length
        return " ".join(f"word{self.words - n}" for n in range(length))

    def heard(self, event: ServerMessage) -> None:
        if isinstance(event, ErrorEvent):
            self.errors.append(event.code)

    async def do(self, step: str | int) -> None:
        learner = self.learner
        match step:
            case int():
                await asyncio.sleep(step / 1_000)
            case "cut":
                await self.come_back(self.current)
            case "crash" | "move" if self.number < MAX_PROCESSES:
                self.number += 1
                other = await self.processes.enter_async_context(another(self.current))
                if step == "crash":
                    self.current.store.freeze()
                await self.come_back(other)
            case "commit" | "done":
                at_ms = learner.microphone.position_ms
                commit = AudioCommit(
                    commit_id=f"c{len(self.commits)}",
                    seq=len(self.commits) + 1,
                    audio_start_ms=0,
                    audio_end_ms=at_ms,
                    end_of_turn=step == "done",
                )
                self.commits.append(commit)
                learner.pipe.send(commit)
            case "again":
                for commit in self.commits[-3:]:
                    learner.pipe.send(commit)
                size = min(len(learner.said), 500 * 32)
                at_ms = learner.microphone.position_ms - size // 32
                learner.pipe.send_frame(
                    AudioFrame(FrameKind.MICROPHONE, 0, 0, at_ms, bytes(learner.said)[at_ms * 32 :])
                )
            case "interrupt":
                with suppress(ValueError):
                    learner.microphone.say(Speech(learner.world.book.speak(self.phrase(4))))
            case "ready":
                learner.pipe.send(Ready())
            case "beat":
                learner.pipe.send(ClientHeartbeat())
            case "store":
                self.current.store.fail(2, lost_answers=self.words % 2 == 0)

    async def come_back(self, to: World) -> None:
        self.learner.cut()
        self.current = self.learner.world = to
        resumed = await self.learner.come_back()
        for commit in self.commits[resumed.in_seq :]:
            self.learner.pipe.send(commit)


@virtual_time
async def sit(steps: list[str | int]) -> None:
    async with AsyncExitStack() as processes:
        anyone = Anyone(await processes.enter_async_context(world()), processes)
        learner = anyone.learner
        await learner.start()
        for step in steps:
            if learner.has_summary():
                break
            await anyone.do(step)
        await learner.end()
        store = anyone.current.store
        stored = store.sessions[learner.session_id]
        assert stored.status == "ended"
        assert store.queued_analyses == [stored.id]
        assert anyone.errors == []
        assert learner.seqs == [event.seq for event in store.events[stored.id]]
        assert learner.seqs == list(range(1, len(learner.seqs) + 1))
        assert await anyone.current.audio(stored.id) == bytes(learner.said)[: stored.audio_ms * 32]
        dialogue = store.dialogue(stored.id)
        assert len({turn.index for turn in dialogue}) == len(dialogue)
        said = Counter(word for turn in dialogue if turn.speaker == "learner" for word in turn.text.split())
        assert not [word for word, times in said.items() if times > 1]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(steps=st.lists(STEPS, min_size=2, max_size=14))
@example(steps=[9_000, "interrupt", 500, "cut", 700, "crash", 2_000, "again", "done", "move", 3_000, "store"])
@example(steps=["cut", "cut", "crash", "move", "crash", "commit", "again"])
@example(steps=[7_000, "done", "crash", 300, "interrupt", 200, "move", "done", "again", "cut"])
def test_nothing_is_lost_and_nothing_happens_twice(steps: list[str | int]) -> None:
    sit(steps)
