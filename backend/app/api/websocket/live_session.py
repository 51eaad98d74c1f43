"""The exam under way: an actor that outlives its connections.

Everything that happens comes through its mailbox or its deadlines, and durable events are stored before any
client sees them.
"""

import asyncio
import secrets
from typing import assert_never

from app.api.websocket import admission
from app.api.websocket.connection import Connection
from app.api.websocket.ending import flush, give_lease_back, store_end
from app.api.websocket.event_log import EventLog
from app.api.websocket.intake import Intake
from app.api.websocket.lobby import Start
from app.api.websocket.mailbox import (
    Attached,
    Detached,
    Incoming,
    LogGrew,
    Mail,
    Mailbox,
    Received,
    StopRequested,
    Wanted,
)
from app.api.websocket.parts import SessionParts
from app.api.websocket.protocol import (
    AudioCommit,
    AudioConfig,
    AudioFrame,
    GoAway,
    NumberedEvent,
    PlaybackMark,
    ProtocolError,
    Ready,
    SessionEnd,
    SessionResume,
    SessionResumed,
    SessionStart,
    SessionStarted,
    Snapshot,
    TurnNext,
    TurnRetry,
    TurnState,
)
from app.api.websocket.session_core import SessionCore
from app.api.websocket.snapshot import of_live
from app.api.websocket.sound import VoiceCache
from app.api.websocket.takeover import Inheritance
from app.services.conversation import AskAgain, MoveOn
from app.services.errors import StorageUnavailable
from app.services.session_notices import Change
from app.services.session_store import SessionRecord, StaleOwner
from app.services.speech import SAMPLE_RATE

MOVED = "moved"
"""How a session counts that goes on in another process."""


class LiveSession:
    """One claimed session from its start to its stored end, or until it is let go for another process.

    With an `inheritance` it goes on where the process before was. `released` says that it was let go.
    """

    def __init__(
        self,
        record: SessionRecord,
        mailbox: Mailbox,
        parts: SessionParts,
        voices: VoiceCache,
        events: EventLog,
        *,
        inheritance: Inheritance | None = None,
    ) -> None:
        self.events = events
        self._mailbox = mailbox
        self._parts = parts
        self._voices = voices
        self._clock = parts.clock
        self._limits = parts.limits
        self._inheritance = inheritance
        self._core = core = SessionCore(
            record, parts, voices, events, wake=mailbox.wake, inheritance=inheritance
        )
        self.record = core.record
        self._exam, self._lines, self._journal = core.exam, core.lines, core.journal
        self._intake = Intake(core, parts.clock, parts.limits)
        self._end_reason: str | None = None
        self._joined: Connection | None = None
        self._away_since_ms: int | None = None
        self._shown: str | None = None
        self._leave_by_ms: int | None = None
        self._checkpoint_ms = 0
        self.released = False

    @property
    def stored_ms(self) -> int:
        """How much of the microphone signal is stored."""
        return self._core.microphone.stored_ms

    @property
    def in_seq(self) -> int:
        """The client's last numbered event that was taken."""
        return self._core.in_seq

    @property
    def resumable(self) -> bool:
        """Whether the exam can be held: from its beginning, or from where it was left."""
        return self._inheritance is None or self._inheritance.exam is not None

    async def run(self, start: Start | None = None) -> None:
        """Hold the exam and store its end, or let it go; without a `start` it goes on from its inheritance.

        Raises StaleOwner when another process has taken the session over, and whatever broke the session
        after storing what can be stored.
        """
        self._parts.meter.session_started(self.record.mode)
        outcome: str | None = None
        try:
            async with asyncio.TaskGroup() as tasks:
                self._core.begin(tasks)
                if start is None:
                    await self._go_on()
                else:
                    self._start(start)
                while self._exam.finished is None and not self._may_leave():
                    await self._mailbox.wait(self._due_ms())
                    while (mail := self._mailbox.take()) is not None:
                        self._take(mail)
                    self._advance()
                if self._exam.finished is None:
                    await self._release()
                    outcome = MOVED
                else:
                    reason = self._end_reason or self._exam.finished
                    await self._wrap_up(reason)
                    outcome = reason
                self._core.disown()
        except* StaleOwner:
            outcome = MOVED
            raise
        finally:
            # A session that a process has no time to let go is taken up elsewhere from its last checkpoint.
            cut_short = MOVED if self._mailbox.stopping else "failed"
            self._parts.meter.session_ended(self.record.mode, outcome or cut_short)

    async def conclude(self, reason: str) -> None:
        """After a failure, here or in the process before: store what was said and end the session."""
        async with asyncio.timeout(self._limits.conclude_ms / 1000), asyncio.TaskGroup() as tasks:
            self._core.begin(tasks)
            if self._inheritance is not None:
                await self._go_on()
            self._core.answers.end()
            await self._wrap_up(reason)
            self._core.disown()

    # --- start and end ----------------------------------------------------------------------------------

    def _start(self, start: Start) -> None:
        self._core.in_seq = start.in_seq
        self._core.answers.expect((start.display_name or "").split())
        self._journal.add(
            SessionStarted(
                session_id=str(self.record.id),
                mode=self.record.mode,
                clock=self.record.clock,
                epoch=self.record.epoch,
                audio_in={"encoding": "pcm_s16le", "sample_rate": SAMPLE_RATE, "channels": 1},
                audio_out={"encoding": "pcm_s16le", "sample_rate": self._voices.sample_rate, "channels": 1},
            )
        )
        self._exam.start()
        if start.connection is self._mailbox.connection:
            self._join(start.connection, 0)
        else:
            self._leave()

    async def _go_on(self) -> None:
        """Be where the process before was; the learner is away until a client resumes."""
        inheritance, self._inheritance = self._inheritance, None
        assert inheritance is not None
        self._away_since_ms = self._clock.now_ms()
        if await self._core.restore(inheritance):
            self._leave()

    def _may_leave(self) -> bool:
        """Whether the session is to move on and nobody is in the middle of a sentence, or too long."""
        if self._leave_by_ms is None or self._end_reason is not None:
            return False
        talking = self._exam.turn_state() in ("examiner_speaking", "learner_speaking", "thinking")
        return self._joined is None or not talking or self._clock.now_ms() >= self._leave_by_ms

    async def _release(self) -> None:
        """Store everything and let the session go, for another process to take it."""
        if self._joined is not None:
            self._leave()
        await flush(self._journal, self._core.audio, self._limits.flush_ms)
        self._journal.add()
        await self._journal.settled()
        await give_lease_back(self.record, self._parts)
        self.released = True

    def _end(self, reason: str) -> None:
        """End for a reason that is not the exam's own; the answer that is open is taken down first."""
        if self._end_reason is None:
            self._end_reason = reason
            self._exam.request_end()

    async def _wrap_up(self, reason: str) -> None:
        self._lines.clear()
        self._show_state()
        await store_end(
            self.record,
            reason,
            parts=self._parts,
            journal=self._journal,
            answers=self._core.answers,
            audio=self._core.audio,
            conditions=self._core.conditions,
        )
        self._parts.notices.publish(Change.ENDED, self.record.id)

    # --- the loop ---------------------------------------------------------------------------------------

    def _due_ms(self) -> int | None:
        dues = [self._exam.due_ms(), self._grace_over_ms(), self._checkpoint_ms, self._leave_by_ms]
        if self._joined is not None:
            dues.append(self._intake.due_ms())
        return min((due_ms for due_ms in dues if due_ms is not None), default=None)

    def _grace_over_ms(self) -> int | None:
        """When a session is given up whose learner is away."""
        if self._away_since_ms is None or self._end_reason is not None:
            return None
        return self._away_since_ms + self._limits.grace_ms

    def _advance(self) -> None:
        now_ms = self._clock.now_ms()
        grace_over_ms = self._grace_over_ms()
        if grace_over_ms is not None and now_ms >= grace_over_ms:
            self._end("disconnected")
        self._exam.advance()
        if now_ms >= self._checkpoint_ms:
            self._checkpoint_ms = now_ms + self._limits.checkpoint_ms
            self._exam.keep_time()
            self._journal.add()
        if self._joined is not None:
            self._intake.acknowledge(self._joined, now_ms)
        self._show_state()

    def _take(self, mail: Mail) -> None:
        match mail:
            case Received(connection, item):
                try:
                    self._receive(connection, item)
                except ProtocolError as error:
                    connection.refuse(error, ref=getattr(item, "event_id", None))
            case Attached() | Detached():
                if self._joined is not None and self._joined is not self._mailbox.connection:
                    self._leave()
            case StopRequested():
                self._leave_by_ms = self._clock.now_ms() + self._limits.sentence_ms
                if self._joined is not None:
                    self._joined.send(self._go_away())
            case Wanted():
                self._leave_by_ms = self._clock.now_ms()
            case LogGrew():
                pass
            case _:
                assert_never(mail)

    def _receive(self, connection: Connection, item: Incoming) -> None:
        if isinstance(item, AudioFrame):
            self._intake.frame(connection, item)
        elif isinstance(item, SessionStart | SessionResume):
            self._enter(connection, item)
        elif isinstance(item, AudioConfig):
            admission.configure_audio(connection, item)
        elif not connection.joined:
            raise admission.audio_too_early() if isinstance(item, AudioCommit) else admission.not_joined()
        elif self._is_new(item):
            self._event(connection, item)

    def _event(self, connection: Connection, item: Incoming) -> None:
        match item:
            case AudioCommit():
                self._intake.commit(connection, item)
            case PlaybackMark(utterance_id=utterance_id, played_ms=played_ms, done=done):
                connection.sends_marks = True
                self._lines.mark(utterance_id, played_ms, done=done)
            case Ready():
                self._exam.prepared()
            case TurnRetry() if self.record.mode == "practice":
                self._exam.choose(AskAgain())
            case TurnNext() if self.record.mode == "practice":
                self._exam.choose(MoveOn())
            case SessionEnd():
                self._end("ended_by_learner")
            case _:
                raise ProtocolError("unexpected", "This event has no meaning here; nothing was changed.")

    def _go_away(self) -> GoAway:
        jitter_ms = secrets.randbelow(self._limits.go_away_jitter_ms + 1)
        return GoAway(reconnect_in_ms=jitter_ms, deadline_ms=self._limits.sentence_ms)

    def _is_new(self, item: Incoming) -> bool:
        """Whether an event was not taken before; those without a number always are new.

        Raises ProtocolError `seq_gap` when the client's events before it are missing.
        """
        if not isinstance(item, NumberedEvent) or item.seq is None:
            return True
        if item.seq > self._core.in_seq + 1:
            raise admission.seq_gap(self._core.in_seq + 1, item.seq)
        new = item.seq > self._core.in_seq
        self._core.in_seq = max(self._core.in_seq, item.seq)
        return new

    # --- connections ------------------------------------------------------------------------------------

    def _enter(self, connection: Connection, event: SessionStart | SessionResume) -> None:
        """A client that was here before, or another of the same learner, comes in."""
        if connection.joined:
            raise admission.already_started()
        last_seq, in_seq = 0, self._core.stored_in_seq
        if isinstance(event, SessionResume):
            if event.session_id != str(self.record.id) or event.last_seq > self.events.last_seq:
                raise admission.bad_resume(self.events.last_seq)
            last_seq = event.last_seq
            self._parts.meter.session_resumed()
        else:
            in_seq = self._core.in_seq = event.seq or 0
        if self.events.remembers(last_seq):
            self._welcome(connection, last_seq, in_seq)
        else:
            self._core.own(self._look_back(connection, last_seq, in_seq), "session.look_back")

    async def _look_back(self, connection: Connection, last_seq: int, in_seq: int) -> None:
        """Let a client in that was away for long: the stored log, or what happened in its place."""
        snapshot = None
        try:
            if await self.events.gone_until(last_seq) is not None:
                last_seq = self.events.last_seq
                turns = await self._parts.store.turns(self.record.id, self.record.user_id)
                snapshot = of_live(self.record, turns, last_seq=last_seq, exam=self._exam, lines=self._lines)
        except StorageUnavailable:
            connection.refuse(admission.storage_unavailable())
            return
        if connection is self._mailbox.connection and not connection.joined:
            self._welcome(connection, last_seq, in_seq, snapshot)

    def _welcome(
        self, connection: Connection, last_seq: int, in_seq: int, snapshot: Snapshot | None = None
    ) -> None:
        connection.send(
            SessionResumed(
                session_id=str(self.record.id),
                in_seq=in_seq,
                received_ms=self.stored_ms,
                replay_count=self.events.last_seq - last_seq,
                continuity=snapshot is None,
                phase=self._exam.phase,
                phase_remaining_ms=self._exam.phase_remaining_ms,
                played_ms=self._lines.played_ms,
                epoch=self.record.epoch,
                snapshot=snapshot,
            )
        )
        self._join(connection, last_seq)

    def _join(self, connection: Connection, after_seq: int) -> None:
        connection.on_voice = self._mailbox.wake
        connection.join(self.events, after_seq)
        self._joined = self._core.answers.connection = connection
        self._lines.attach(connection)
        self._shown = None
        self._intake.greet()
        if self._away_since_ms is not None:
            self._core.conditions.away_ms += self._clock.now_ms() - self._away_since_ms
            self._away_since_ms = None
            self._exam.resume()

    def _leave(self) -> None:
        """Nobody is there: the exam waits."""
        self._joined = self._core.answers.connection = None
        self._lines.detach()
        self._core.conditions.disconnects += 1
        self._away_since_ms = self._clock.now_ms()
        self._exam.pause()

    # --- small things -----------------------------------------------------------------------------------

    def _show_state(self) -> None:
        state = self._exam.turn_state()
        if self._joined is not None and state != self._shown:
            self._joined.offer("turn", TurnState(state=state), after_seq=self._journal.last_seq)
            self._shown = state
