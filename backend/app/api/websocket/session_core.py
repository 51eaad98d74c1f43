"""What a live session is built of, and where all of it stands: a checkpoint, and going on from one."""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from functools import partial
from uuid import UUID

from app.api.websocket.answers import Answers
from app.api.websocket.chore import Chore
from app.api.websocket.commits import Commits
from app.api.websocket.conditions import Conditions
from app.api.websocket.event_log import EventLog
from app.api.websocket.exam_runner import ExamRunner
from app.api.websocket.journal import Journal
from app.api.websocket.latency import LatencyWatch
from app.api.websocket.lines import Lines
from app.api.websocket.live_state import LiveState
from app.api.websocket.microphone import Microphone
from app.api.websocket.parts import SessionParts
from app.api.websocket.sound import VoiceCache
from app.api.websocket.takeover import Inheritance
from app.services.conversation import AnswerEnded
from app.services.prompt_manager import OnBehalfOf
from app.services.session_store import Checkpoint, SessionRecord
from app.services.speech import BYTES_PER_MS, AudioArchive, AudioLog

REPLAY_MS = 100
"""Piece of the stored signal that is heard again at once; other sessions run in between."""


class SessionCore:
    """The members of one session, each told of those it works with; they know of no connection's coming.

    `in_seq` is the client's last numbered event that was taken; `stored_commits` are known to the state that
    was stored last.
    """

    def __init__(
        self,
        record: SessionRecord,
        parts: SessionParts,
        voices: VoiceCache,
        events: EventLog,
        *,
        wake: Callable[[], None],
        inheritance: Inheritance | None,
    ) -> None:
        exam = inheritance.exam if inheritance and inheritance.exam else parts.exam(record)
        self.record = record = record.slim()
        self._parts = parts
        self._tasks: asyncio.TaskGroup | None = None
        self._owned: list[asyncio.Task[None]] = []
        self._turns = 0
        self.in_seq = 0
        self._wake = wake
        self._stored_in_seq = 0
        self.stored_commits: Collection[str] = ()
        self.conditions = Conditions()
        self.commits = Commits()
        stored_ms = inheritance.stored_ms if inheritance else 0
        self.audio = AudioLog(parts.blobs, record.id, epoch=record.epoch, start_ms=stored_ms, on_stored=wake)
        self.microphone = Microphone(
            parts.voice_activity.open(),
            self.audio,
            parts.limits,
            now_ms=parts.clock.now_ms(),
            start_ms=inheritance.from_ms if inheritance else 0,
        )
        self.journal = Journal(
            parts.store,
            record,
            events,
            parts.clock,
            patience_ms=parts.limits.store_ms,
            state=self.checkpoint,
            on_stored=self._stored,
        )
        self._chores = (
            Chore(self.own, self.journal.store, "session.journal"),
            Chore(self.own, self.audio.store, "session.audio"),
        )
        self.journal.on_added, self.audio.on_full = (chore.poke for chore in self._chores)
        self.lines = Lines(
            voices,
            self.journal,
            self.microphone,
            parts.clock,
            next_index=self._next_index,
            on_progress=wake,
            voice_ahead_ms=parts.limits.voice_ahead_ms,
        )
        watch = LatencyWatch()
        self.answers = Answers(
            parts,
            self.journal,
            self.microphone,
            next_index=self._next_index,
            own=self.own,
            wake=wake,
            worded=self._worded,
            sound=self._sound,
            replied=watch.until_over,
            told=self._fed_back if record.mode == "practice" else None,
        )
        self.exam = ExamRunner(
            exam,
            lines=self.lines,
            answers=self.answers,
            microphone=self.microphone,
            journal=self.journal,
            clock=parts.clock,
            conditions=self.conditions,
            watch=watch,
            meter=parts.meter,
            word=partial(parts.word, OnBehalfOf(record.user_id, record.id)),
        )

    async def _worded(self, event: AnswerEnded) -> AnswerEnded:
        return await self.exam.worded(event)

    @property
    def stored_in_seq(self) -> int:
        """The client's last numbered event whose effect is stored: what a client need not keep any more."""
        return min(self.in_seq, self._stored_in_seq)

    def _stored(self, checkpoint: Checkpoint | None) -> None:
        if checkpoint is not None and (state := checkpoint.snapshot) is not None:
            self._stored_in_seq = int(state["in_seq"])
            self.stored_commits = tuple(state["commits"])
        self._wake()

    # --- tasks ------------------------------------------------------------------------------------------

    def begin(self, tasks: asyncio.TaskGroup) -> None:
        """Store from now on what is said; every task of the session belongs to `tasks`."""
        self._tasks = tasks
        for chore in self._chores:
            chore.begin()

    def own(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        """Start a task that lives and dies with the session."""
        assert self._tasks is not None
        task = self._tasks.create_task(work, name=name)
        self._owned.append(task)
        task.add_done_callback(self._owned.remove)
        return task

    def disown(self) -> None:
        """Stop every task of the session."""
        for task in self._owned:
            task.cancel()

    # --- from one process to another --------------------------------------------------------------------

    def checkpoint(self) -> Checkpoint:
        """Return where the session stands, for the process that may have to go on with it."""
        state = LiveState(
            exam=self.exam.saved(),
            question=self.exam.question,
            line=self.lines.saved(),
            streams=self.lines.streams,
            answer=self.answers.saved(),
            reply=self.exam.saved_reply(),
            typical_pause_ms=self.answers.memory.typical_ms,
            in_seq=self.in_seq,
            commits=self.commits.recent(),
            disconnects=self.conditions.disconnects,
            away_ms=self.conditions.away_ms,
        )
        return Checkpoint(audio_ms=self.microphone.stored_ms, snapshot=state.to_json())

    async def restore(self, inheritance: Inheritance) -> bool:
        """Be where the process before was, with nobody there; return False when its state is of no use."""
        state, turns = inheritance.state, inheritance.turns
        self._turns = max((turn.index + 1 for turn in turns), default=0)
        if state is None:
            return False
        self.in_seq = self._stored_in_seq = state.in_seq
        self.commits.restore(state.commits)
        self.conditions.disconnects = state.disconnects
        self.conditions.away_ms = state.away_ms
        if state.answer is not None and state.answer.index is not None:
            self._turns = max(self._turns, state.answer.index + 1)
        self.answers.memory.typical_ms = state.typical_pause_ms
        self.answers.restore(state.answer, self._parts.recall(turns))
        self.exam.restore(state.question, state.reply)
        self.lines.restore(state.line, self.exam.pending_lines, streams=state.streams)
        step = REPLAY_MS * BYTES_PER_MS
        for at in range(0, len(inheritance.unheard), step):
            heard = self.microphone.hear_again(
                inheritance.unheard[at : at + step], self._parts.clock.now_ms()
            )
            self.exam.hear(heard)
            await asyncio.sleep(0)
        self.exam.caught_up()
        if self.record.mode == "practice":
            self.answers.catch_up(turns)
        return True

    async def _sound(self, start_ms: int, end_ms: int) -> bytes:
        await self.audio.flush()
        return await AudioArchive(self._parts.blobs).read_pcm(self.record.id, start_ms, end_ms)

    def _fed_back(self, turn_id: UUID) -> None:
        self.exam.feedback_given(turn_id)

    def _next_index(self) -> int:
        self._turns += 1
        return self._turns - 1
