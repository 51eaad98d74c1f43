"""One exam, over as many connections as it takes: the microphone up, the voice and the events down."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self, TypeVar

from app.api.websocket.codec import decode_frame
from app.api.websocket.protocol import (
    AnalysisReady,
    AudioCommit,
    AudioConfig,
    ErrorEvent,
    GoAway,
    ProtocolError,
    Ready,
    ServerAck,
    ServerHeartbeat,
    ServerMessage,
    SessionEnd,
    SessionResumed,
    SessionStart,
    SessionStarted,
    SummaryReady,
    TtsAudio,
    TtsClear,
    TurnNext,
    TurnRetry,
    TurnState,
)
from app.services.speech import Speech
from client.clock import Clock
from client.connection import decode_known
from client.errors import ClientError, ConnectionLost, SessionRefused, TimedOut
from client.heard_voice import HeardVoice
from client.line import Line
from client.microphone import Microphone, Spoken
from client.outgoing import Outgoing
from client.playback import VirtualPlayer
from client.reconnect import Reconnect
from client.timings import Timings
from client.tokens import Tokens
from client.told import Told
from client.uplink import Uplink

START_TIMEOUT_S = 30.0
MAX_WAITING_EVENTS = 1_000
_T = TypeVar("_T")


class LiveExam:
    """A session's socket, used as an async context manager and iterated over for the server's events.

    From `start` on, 40 ms microphone frames are sent in real time without a gap: silence, unless something
    was handed to `say`. The examiner's voice is played by a virtual player that reports its position.
    Acknowledgements and heartbeats are sent by the way and do not appear among the events.

    When the connection breaks, and the close code allows it, the exam connects again by the rules of
    `reconnect` and resumes: what the server has not stored is sent again, what it repeats is passed over.
    Meanwhile the caller goes on as before; `connected` and the event SessionResumed tell of it. One without
    `continuity` carries a snapshot in the place of events that the server does not have any more.

    At most MAX_WAITING_EVENTS events wait to be iterated over; then reading from the socket waits too.
    Iteration ends when the server closes with 1000; it raises SessionRefused where coming back is no use and
    ConnectionLost or ServerUnreachable when the time for it is over. A crash of the client itself
    ends the exam as well: whoever waits gets the exception, at the latest when the context manager is left.
    """

    def __init__(
        self,
        base_url: str,
        session_id: str,
        token: str | Tokens,
        *,
        clock: Clock,
        microphone: Microphone | None = None,
        player: VirtualPlayer | None = None,
        reconnect: Reconnect | None = None,
        timings: Timings | None = None,
    ) -> None:
        self.session_id = session_id
        self.microphone = microphone or Microphone()
        self.player = player or VirtualPlayer()
        self.timings = timings or Timings()
        self._uplink = Uplink(self.microphone, self.timings)
        tokens = Tokens(token) if isinstance(token, str) else token
        self._line = Line(base_url, session_id, tokens, clock=clock, reconnect=reconnect or Reconnect())
        self._clock = clock
        self._tasks: list[asyncio.Task[None]] = []
        self._events: asyncio.Queue[ServerMessage | None] = asyncio.Queue(MAX_WAITING_EVENTS)
        self._pulse = asyncio.Event()
        self._told = Told(session_id)
        self._voice = HeardVoice(self.player, self.timings)
        self._out = Outgoing(self._line, self._uplink, self._told, clock)

    @property
    def connected(self) -> bool:
        """Whether the session is joined over a connection at the moment."""
        return self._line.connected

    @property
    def resumed_after_ms(self) -> tuple[float, ...]:
        """For every resume, how long the session was away."""
        return tuple(self._line.resumed_after_ms)

    @property
    def stored_ms(self) -> int:
        """How much of the microphone signal the server has stored."""
        return self._uplink.stored_ms

    # --- life -------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        await self._line.open()
        self._tasks = [
            asyncio.create_task(self._listen(), name="exam-reader"),
            asyncio.create_task(self._beat(), name="exam-ticker"),
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
        crash = self._line.failure
        if error is None and crash is not None and not isinstance(crash, ClientError):
            raise crash

    async def aclose(self) -> None:
        """Close the socket. The session itself stays as it is; `end` ends it. Idempotent."""
        if not self._line.opened:
            return
        reader, ticker = self._tasks
        ticker.cancel()
        await self._line.aclose()
        reader.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._line.forget()

    async def start(self, display_name: str | None = None) -> SessionStarted:
        """Announce the microphone, begin the exam, and start streaming.

        Raises SessionRefused when the server refuses, TimedOut when it does not answer.
        """
        config = await self._out.send(AudioConfig(frame_ms=self.microphone.frame_ms))
        start = await self._out.send(SessionStart(display_name=display_name))

        def answer() -> SessionStarted | None:
            refused = self._told.refusal(config, start)
            if refused is not None:
                raise SessionRefused(refused.code, refused.message, retryable=refused.retryable)
            return self._told.started

        return await self._wait_for(answer, START_TIMEOUT_S, "session.started")

    def __aiter__(self) -> AsyncIterator[ServerMessage]:
        return self

    async def __anext__(self) -> ServerMessage:
        event = None if self._line.over and self._events.empty() else await self._events.get()
        if event is not None:
            return event
        if self._line.failure is not None:
            raise self._line.failure
        raise StopAsyncIteration

    # --- what the learner does --------------------------------------------------------------------------

    def say(self, speech: Speech) -> Spoken:
        """Speak into the microphone from the next frame on; return where in the stream it will stand."""
        return self._uplink.say(speech)

    async def quiet(self) -> None:
        """Return when everything handed to `say` has been sent. Raises what ended the connection."""
        while self.microphone.speaking:
            if self._line.over:
                raise self._line.failure or ConnectionLost("The server closed during the speech.")
            self._pulse.clear()
            await self._pulse.wait()

    def hush(self) -> int:
        """Stop speaking at once; return how many milliseconds were left unsaid."""
        self.timings.answer_cut()
        self._pulse.set()
        return self._uplink.hush()

    async def end_of_turn(self, since_ms: int) -> None:
        """Say that the answer which began at microphone position `since_ms` is over.

        What is still waiting to be spoken stays waiting: call it when nothing is.
        """
        self.timings.answer_declared_over()
        until_ms = self.microphone.position_ms
        await self._out.send(
            AudioCommit(
                commit_id=uuid.uuid4().hex,
                audio_start_ms=min(since_ms, until_ms),
                audio_end_ms=until_ms,
                end_of_turn=True,
            )
        )

    async def ready(self) -> None:
        """Begin the Part 2 talk before the preparation time is over."""
        await self._out.send(Ready())

    async def choose(self, choice: TurnRetry | TurnNext) -> None:
        """In practice: have the question again, or the next one."""
        await self._out.send(choice)

    async def end(self, reason: str | None = None) -> None:
        """End the session; the microphone stops, summary and analysis follow."""
        self._stop_microphone()
        self.timings.session_ended(self._clock.now())
        await self._out.send(SessionEnd(reason=reason))

    async def summary(self, timeout_s: float) -> dict[str, Any]:
        """Wait for the summary. Raises TimedOut, or what ended the connection."""
        return await self._wait_for(lambda: self._told.summary, timeout_s, "session.summary_ready")

    async def analysis_ready(self, timeout_s: float) -> AnalysisReady:
        """Wait until the analysis is announced. Raises TimedOut, or what ended the connection."""
        return await self._wait_for(lambda: self._told.analysis, timeout_s, "session.analysis_ready")

    # --- the beat ---------------------------------------------------------------------------------------

    async def _beat(self) -> None:
        """One beat every frame: the next piece of microphone, the player's marks, acknowledgements."""
        frame_s = self.microphone.frame_ms / 1000
        due = self._clock.now()
        try:
            while True:
                due += frame_s
                await self._clock.sleep_until(due)
                self._uplink.record(due - frame_s, ts_ms=time.time_ns() // 1_000_000)
                await self._send_due()
                for mark in self._voice.advance(self._clock.now()):
                    await self._out.send(mark)
                await self._out.keep_up()
        except ClientError:
            return  # why the line is gone is the reader's to tell
        except Exception as crash:  # noqa: BLE001 - whoever waits for the exam raises it
            self._line.failure = crash
            reader, _ = self._tasks
            reader.cancel()

    async def _send_due(self) -> None:
        await self._out.send_due()
        if not self.microphone.speaking:
            self._pulse.set()

    def _stop_microphone(self) -> None:
        self._uplink.streaming = False
        self.microphone.hush()

    # --- receiving, and coming back -----------------------------------------------------------------------

    async def _listen(self) -> None:
        try:
            await self._line.run(self._take, self._introduce)
        except Exception as crash:  # noqa: BLE001 - whoever waits for the exam raises it
            self._line.failure = crash
        finally:
            self._pulse.set()
            with suppress(asyncio.QueueFull):
                self._events.put_nowait(None)

    async def _take(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            self._voice.frame(decode_frame(message), self._clock.now())
            return
        event = decode_known(message)
        if event is not None and self._told.is_new(event):
            await self._take_event(event)

    async def _introduce(self) -> None:
        """The first words over a new connection; the server's answer to `session.resume` opens the rest."""
        await self._out.put(AudioConfig(frame_ms=self.microphone.frame_ms))
        if self._told.started is None:
            self._uplink.restart()
            self._line.connected = True
            await self._send_due()
            return
        await self._out.put(self._told.resume())

    async def _resume(self, event: SessionResumed) -> None:
        """Send again what the server has not stored, from where it stands."""
        if not self._uplink.resume(received_ms=event.received_ms, in_seq=event.in_seq):
            raise ProtocolError("audio_lost", "It asks for audio that it had acknowledged.")
        if event.snapshot is not None:
            self._voice.go_on_with(event.snapshot.voice, self._clock.now())
            self._uplink.streaming = event.phase != "ended"
        self._line.resumed()
        await self._send_due()
        for mark in tuple(self._voice.reports):
            await self._out.put(mark)

    async def _take_event(self, event: ServerMessage) -> None:
        if event.ack is not None:
            self._uplink.acknowledged(event.ack)
        self._told.note(event)
        match event:
            case ServerHeartbeat():
                return
            case ServerAck():
                self._uplink.stored(event.received_ms)
                return
            case SessionResumed():
                await self._resume(event)
            case GoAway():
                self._line.told(event.reconnect_in_ms)
            case ErrorEvent():
                await self._note_error(event)
            case TtsAudio():
                self._voice.announced(event)
            case TtsClear():
                for mark in self._voice.cleared(event, self._clock.now()):
                    await self._out.send(mark)
            case _:
                self._note_progress(event)
        self.timings.event_came(event, self._clock.now())
        self._pulse.set()
        await self._events.put(event)

    def _note_progress(self, event: ServerMessage) -> None:
        match event:
            case SessionStarted():
                self._uplink.streaming = True
            case TurnState(state="ended") | SummaryReady():
                self._stop_microphone()
            case _:
                pass

    async def _note_error(self, event: ErrorEvent) -> None:
        if event.retry_after_ms is not None:
            self._line.told(event.retry_after_ms)
        refused_resume = self._told.is_refused_resume(event)
        if event.fatal or refused_resume:
            self._line.failure = SessionRefused(event.code, event.message, retryable=event.retryable)
        if refused_resume and not event.fatal:
            await self._line.hang_up(again=event.retryable)

    async def _wait_for(self, get: Callable[[], _T | None], timeout_s: float, what: str) -> _T:
        try:
            async with asyncio.timeout(timeout_s):
                while (value := get()) is None:
                    if self._line.over:
                        raise self._line.failure or ConnectionLost(f"The server closed before {what}.")
                    self._pulse.clear()
                    await self._pulse.wait()
                return value
        except TimeoutError:
            raise TimedOut(f"No {what} within {timeout_s:.0f} s.") from None
