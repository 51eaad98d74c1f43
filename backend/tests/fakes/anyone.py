"""A learner to whom everything happens, in any order, while they answer what they are asked."""

import asyncio
from contextlib import AsyncExitStack, suppress
from typing import Any

from app.api.websocket.protocol import (
    AudioCommit,
    AudioFrame,
    ClientHeartbeat,
    FrameKind,
    Ready,
    ServerMessage,
)
from app.services.session_store import SessionMode
from app.services.speech import Speech
from tests.fakes.learner import Learner
from tests.fakes.witness import Witness
from tests.fakes.world import World, another, world

DISTURBED_MS = 3_000
"""An answer may be taken apart by what the client itself does so shortly after it, or during it."""
NOISE = b"\x11\x22" * 16


class Anyone(Learner):
    """Says every word once. `owed` are the answers that must be in the dialogue, each whole in one turn."""

    def __init__(self, first: World, mode: SessionMode, processes: AsyncExitStack) -> None:
        super().__init__(first, first.create(mode).id, [()])
        self.processes = processes
        self.number = 1
        self.witness = Witness()
        self.commits: list[AudioCommit] = []
        self.on_event = self._witnessed
        self.owed: dict[int, list[str]] = {}
        self._words = 0

    @classmethod
    async def arrives(cls, mode: SessionMode, processes: AsyncExitStack) -> "Anyone":
        """Begin an exam in the first process."""
        anyone = cls(await processes.enter_async_context(world()), mode, processes)
        await anyone.start()
        return anyone

    # --- what happens to the connection -----------------------------------------------------------------

    async def lose(self, away_ms: int, to: World | None = None) -> None:
        """Be cut off, be away, and come back, to this process or another."""
        self.cut()
        self.witness.leaves(self._now_ms())
        await asyncio.sleep(away_ms / 1_000)
        await self.back(to or self.world)

    async def back(self, to: World, *, last_seq: int | None = None) -> None:
        """Come (back) to a process, having had everything up to `last_seq`."""
        self.world = to
        self.last_seq = self.last_seq if last_seq is None else last_seq
        self.witness.joins(self.last_seq)
        resumed = await self.come_back()
        for commit in self.commits[resumed.in_seq :]:
            self.pipe.send(commit)

    async def taken_over(self, to: World) -> None:
        """Another tab of the learner takes the session; what the first one still says is nobody's."""
        older, self.name = self.pipe, f"tab-{len(self.seqs)}"
        self.started = False
        older.ignore()
        self.witness.leaves(self._now_ms())
        await self.back(to, last_seq=0)
        older.send_frame(AudioFrame(FrameKind.MICROPHONE, 0, 0, self.microphone.position_ms, NOISE * 100))
        await older.closed()

    async def process(self) -> World:
        """Start another process."""
        self.number += 1
        return await self.processes.enter_async_context(another(self.world))

    async def killed(self, away_ms: int, *, wakes: bool = False) -> None:
        """The process dies while it has something to write; another one goes on. One that `wakes` was only
        stopped, and goes on writing in the middle of the other's work."""
        died, other = self.world, await self.process()
        died.store.freeze()
        self.pipe.send(self.commit(done=False))
        await asyncio.sleep(0.5)
        await self.lose(away_ms, other)
        if wakes:
            died.store.wake()
            await asyncio.sleep(4)

    async def drained(self) -> None:
        """The process is told to stop; the learner goes to another."""
        stopping, other = self.world, await self.process()
        self.disturb()
        await stopping.manager.close()
        assert await self.pipe.closed() == 4012
        assert self.witness.errors.pop() == "server_stopping"
        await self.lose(0, other)

    # --- what the client says ---------------------------------------------------------------------------

    def commit(self, *, done: bool) -> AudioCommit:
        """Say something about the answer; with `done`, that it is over."""
        commit = AudioCommit(
            commit_id=f"c{len(self.commits)}",
            seq=len(self.commits) + 1,
            audio_start_ms=0,
            audio_end_ms=self.microphone.position_ms,
            end_of_turn=done,
        )
        if done:
            self.disturb()
        self.commits.append(commit)
        return commit

    def again(self) -> None:
        """Send the last commits once more, and sound that the server has, which is another one this time."""
        for commit in self.commits[-3:]:
            self.pipe.send(commit)
        size = min(len(self.said), 500 * 32)
        at_ms = self.microphone.position_ms - size // 32
        self.pipe.send_frame(AudioFrame(FrameKind.MICROPHONE, 0, 0, at_ms, (NOISE * 500)[:size]))

    async def reordered(self) -> None:
        """Send the second of two commits only; the server sees the hole, and gets both."""
        self.commit(done=False)
        self.pipe.send(self.commit(done=False))
        assert await self.pipe.closed() == 4400
        assert self.witness.errors.pop() == "seq_gap"
        self.witness.leaves(self._now_ms())
        self.cut()
        await self.back(self.world)

    def interrupt(self) -> None:
        """Speak, whoever's turn it is."""
        self.disturb()
        with suppress(ValueError):
            self.microphone.say(Speech(self.world.book.speak(self.phrase(4))))

    def small_talk(self) -> None:
        """Send what changes nothing."""
        self.pipe.send(ClientHeartbeat())
        if self.heard("phase p1"):
            self.pipe.send(Ready())

    # --- the end ----------------------------------------------------------------------------------------

    async def finish(self) -> None:
        """End the exam, twice, and look at what there is."""
        if not self.has_summary():
            await self.end()
            self.disturb()
        await self.end()
        self.world.finish_analysis(self.session_id)
        assert await self.pipe.closed() == 1000
        await self.judged()

    async def judged(self) -> None:
        """Compare what is stored with what was said and told."""
        store = self.world.store
        stored = store.sessions[self.session_id]
        audio = await self.world.audio(self.session_id)
        dialogue = store.dialogue(self.session_id)
        assert stored.status == "ended"
        assert store.queued_analyses == [stored.id]
        assert audio == bytes(self.said)[: stored.audio_ms * 32]
        self.witness.judge(store.events[stored.id], dialogue, self.world.book.words(audio, 0))
        turns = [turn.text.split() for turn in dialogue if turn.speaker == "learner"]
        for answer in self.owed.values():
            assert any(_within(answer, turn) for turn in turns), f"{answer} is not whole in {turns}"

    async def kept(self) -> None:
        """What was acknowledged is stored."""
        audio = await self.world.audio(self.session_id)
        assert len(audio) // 32 >= self.witness.stored_ms
        assert audio == bytes(self.said)[: len(audio)]

    # --- inside -----------------------------------------------------------------------------------------

    def phrase(self, length: int) -> str:
        """Return words that were never said before."""
        self._words += length
        return " ".join(f"word{self._words - n}" for n in range(length))

    def disturb(self) -> None:
        """Owe nothing of an answer that is being given, or was a moment ago."""
        after_ms = self.microphone.position_ms - DISTURBED_MS
        self.owed = {end_ms: answer for end_ms, answer in self.owed.items() if end_ms < after_ms}

    def _answer(self) -> None:
        first, second = self.phrase(4), self.phrase(3)
        sound = self.world.book.speak(first, 600, second)
        with suppress(ValueError):
            spoken = self.microphone.say(Speech(sound))
            until_ms = spoken.start_ms + len(sound) // 32
            self.owed[until_ms] = [*first.split(), *second.split()]

    def _witnessed(self, event: ServerMessage) -> None:
        self.witness.hears(event, self._now_ms())

    @staticmethod
    def _now_ms() -> float:
        return asyncio.get_running_loop().time() * 1_000


def _within(answer: list[Any], turn: list[Any]) -> bool:
    return any(turn[at : at + len(answer)] == answer for at in range(len(turn) - len(answer) + 1))
