"""Everything a session needs, in memory and virtual time, and learners who sit exams in it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from app.api.auth import Principal, TokenExpired, TokenInvalid
from app.api.websocket.authentication import Authenticator
from app.api.websocket.clock import Clock
from app.api.websocket.handlers import Gate, serve
from app.api.websocket.latency import TurnLatency
from app.api.websocket.limits import Limits
from app.api.websocket.parts import SessionParts, Word, as_scripted
from app.api.websocket.session_manager import SessionManager
from app.services.accounts import UnknownUser
from app.services.analysis_coordinator import LearnerTurn, Sound, TurnFeedback
from app.services.conversation import Exam, ExamPlan, ExamTiming, Mode, WordingWanted
from app.services.prompt_manager import OnBehalfOf
from app.services.pronunciation_engine.learned import SpeechResult
from app.services.session_notices import Change
from app.services.session_store import NewEvent, SessionMode, SessionRecord, SessionStore
from app.services.socket_tickets import SocketTickets
from app.services.speech import BYTES_PER_MS, AudioArchive
from bench.parts.plain_activity import PlainActivity
from tests.fakes.engines import FakeRecogniser, FakeVoice, Phrasebook
from tests.fakes.exam_plan import plan_for
from tests.fakes.memory_blobs import MemoryBlobs
from tests.fakes.pipe import Pipe
from tests.fakes.store import MemoryStore
from tests.fakes.tickets import MemoryTickets

ALICE = UUID("00000000-0000-0000-0000-00000000a11c")
BOB = UUID("00000000-0000-0000-0000-000000000b0b")


class FakeVerifier:
    """A token is the user's id; while `expired` every one was good once."""

    def __init__(self) -> None:
        self.expired = False

    async def verify(self, token: str) -> Principal:
        if self.expired:
            raise TokenExpired("The token has expired; fetch a new one.")
        try:
            return Principal(UUID(token), datetime(2030, 1, 1, tzinfo=UTC))
        except ValueError:
            raise TokenInvalid("not a token") from None


@dataclass(frozen=True)
class FakeAnalysis:
    """What an analysis leaves of an answer here."""

    turn: LearnerTurn
    pcm_ms: int
    pronunciation: SpeechResult | None = None

    def to_json(self) -> dict[str, Any]:
        heard_ms = None if self.pronunciation is None else self.pronunciation.heard_ms
        return {
            "words": len(self.turn.speech.words),
            "pcm_ms": self.pcm_ms,
            "question": self.turn.question,
            "heard_ms": heard_ms,
        }


@dataclass
class CountingMeter:
    """Keeps what it is told."""

    started: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    latencies: list[TurnLatency] = field(default_factory=list)
    played: list[int] = field(default_factory=list)
    cut_offs: list[int | None] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    queued_bytes: list[tuple[int, int]] = field(default_factory=list)
    resumed: int = 0

    def session_started(self, mode: str) -> None:
        self.started.append(mode)

    def session_ended(self, mode: str, reason: str) -> None:
        self.ended.append(reason)

    def session_resumed(self) -> None:
        self.resumed += 1

    def turn_answered(self, latency: TurnLatency) -> None:
        self.latencies.append(latency)

    def reply_played(self, after_ms: int) -> None:
        self.played.append(after_ms)

    def cut_off(self, part: int | None) -> None:
        self.cut_offs.append(part)

    def refused(self, code: str) -> None:
        self.errors.append(code)

    def queued(self, inbound: int, outbound: int) -> None:
        self.queued_bytes.append((inbound, outbound))


class World:
    """One process: its store, engines and sessions. Change the engines before or during an exam."""

    def __init__(self, limits: Limits, store: SessionStore | None = None) -> None:
        self.store = MemoryStore()
        self.blobs = MemoryBlobs()
        self.book = Phrasebook()
        self.voice = FakeVoice()
        self.recogniser = FakeRecogniser(self.book)
        self.meter = CountingMeter()
        self.verifier = FakeVerifier()
        self.analysis_s = 0.2
        self.analysis_fails = False
        self.listening_s = 1.0
        self.feedback_fails = False
        self.ready = True
        self.analysed: list[LearnerTurn] = []
        self.word: Word = as_scripted
        self.parts = SessionParts(
            store=store or self.store,
            recogniser=self.recogniser,
            voice=self.voice,
            voice_activity=PlainActivity(),
            exam=self._exam,
            blobs=self.blobs,
            analyse=self._analyse,
            listen=self._listen,
            word=self._word,
            feedback=self._feedback,
            summarise=self._summarise,
            recall=lambda turns: {},
            ready=lambda: self.ready,
            clock=Clock(),
            limits=limits,
            meter=self.meter,
        )
        self.tickets = MemoryTickets()
        self.erased: set[UUID] = set()
        self.manager = SessionManager(self.parts)
        self.gate = Gate(
            self.manager,
            Authenticator(
                self.verifier,
                first_message_ms=limits.auth_ms,
                redeem=SocketTickets(self.tickets).redeem,
                admit=self._admit,
            ),
            self.parts.clock,
            limits,
            meter=self.meter,
        )
        self._serving: set[asyncio.Task[None]] = set()

    def create(
        self, mode: SessionMode = "quick", *, user: UUID = ALICE, clock: str = "short"
    ) -> SessionRecord:
        """Add a session that has not begun."""
        return self.store.create(user, mode=mode, clock=clock, plan=plan_for(mode).to_dict())

    async def ticket(self, session_id: UUID, *, user: UUID = ALICE) -> str:
        """Give the user a ticket for a session."""
        return await SocketTickets(self.tickets).issue(user, session_id)

    def erase(self, session_id: UUID, *, user: UUID = ALICE) -> None:
        """Erase the user with this one session, in this process."""
        self.erased.add(user)
        del self.store.sessions[session_id]
        self.parts.notices.publish(Change.ERASED, session_id)

    async def _admit(self, user_id: UUID) -> None:
        if user_id in self.erased:
            raise UnknownUser

    def connect(
        self,
        session_id: UUID | str,
        *,
        user: UUID | str | None = ALICE,
        pipe: Pipe | None = None,
        client: str | None = None,
    ) -> Pipe:
        """Open a socket to a session."""
        pipe = pipe or Pipe()
        token = None if user is None else str(user)
        task = asyncio.ensure_future(serve(pipe, str(session_id), token, self.gate, client))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        return pipe

    async def _word(self, learner: OnBehalfOf, wanted: WordingWanted) -> str | None:
        return await self.word(learner, wanted)

    def finish_analysis(self, session_id: UUID) -> None:
        """Do what the worker does at its end."""
        event = {
            "type": "session.analysis_ready",
            "analysis_id": str(uuid4()),
            "status": "done",
            "url": f"/api/v1/analysis/sessions/{session_id}",
        }
        self.store.append_as_worker(session_id, NewEvent("session.analysis_ready", event))
        self.manager.notify(session_id)

    async def audio(self, session_id: UUID) -> bytes:
        """Return all stored audio of a session."""
        archive = AudioArchive(self.blobs)
        return await archive.read_pcm(session_id, 0, await archive.stored_ms(session_id))

    async def until(self, condition: Callable[[], object], within_s: float = 120.0) -> None:
        """Return once the condition holds, looked at ten times a second; raises TimeoutError."""
        async with asyncio.timeout(within_s):
            while not condition():  # noqa: ASYNC110 - what is waited for rings no bell
                await asyncio.sleep(0.1)

    async def quiet(self) -> None:
        """Cut what is still connected, so that the process can stop."""
        for task in tuple(self._serving):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def _exam(self, record: SessionRecord) -> Exam:
        return Exam(ExamPlan.from_dict(record.plan), ExamTiming.of(Mode(record.mode), record.clock))

    async def _analyse(self, turn: LearnerTurn, pcm: bytes) -> FakeAnalysis:
        await asyncio.sleep(self.analysis_s)
        if self.analysis_fails:
            raise RuntimeError("analysis is broken")
        self.analysed.append(turn)
        return FakeAnalysis(turn, len(pcm) // BYTES_PER_MS)

    async def _listen(self, turn: LearnerTurn, sound: Sound) -> SpeechResult:
        await asyncio.sleep(self.listening_s)
        pcm = await sound(turn.speech.start_ms, turn.speech.end_ms)
        return SpeechResult("ok", heard_ms=len(pcm) // BYTES_PER_MS)

    async def _feedback(self, turn: LearnerTurn, analysis: FakeAnalysis) -> TurnFeedback:
        if self.feedback_fails:
            raise RuntimeError("feedback is broken")
        words = len(turn.speech.words)
        return TurnFeedback({"words": words}, (), None, "Nothing was found.", "Hech narsa topilmadi.")

    async def _summarise(
        self, analyses: Sequence[FakeAnalysis], *, mode: str, clock: str, reason: str
    ) -> dict[str, Any]:
        words = sum(len(a.turn.speech.words) for a in analyses)
        return {"mode": mode, "clock": clock, "reason": reason, "answers": len(analyses), "words": words}


@asynccontextmanager
async def world(limits: Limits | None = None, store: SessionStore | None = None) -> AsyncIterator[World]:
    """A process with its sessions, stopped at the end; its store is in memory unless another is given."""
    made = World(limits or Limits(), store)
    async with made.manager:
        yield made
        await made.quiet()


@asynccontextmanager
async def another(w: World, limits: Limits | None = None) -> AsyncIterator[World]:
    """Another process over the same data."""
    store = w.store.of_another_process()
    async with world(limits, store=store) as other:
        other.store, other.blobs, other.book = store, w.blobs, w.book
        other.recogniser.book = w.book
        object.__setattr__(other.parts, "blobs", w.blobs)
        yield other
