"""One exam over one socket: streams the microphone, plays the voice, hands on the events."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from app.api.websocket.codec import decode_frame, encode_event, encode_frame
from app.api.websocket.protocol import (
    Ack,
    AiReply,
    AnalysisReady,
    AudioCommit,
    AudioConfig,
    AudioFrame,
    ClientHeartbeat,
    ClientMessage,
    ErrorEvent,
    FrameKind,
    PlaybackMark,
    ProtocolError,
    Ready,
    ServerAck,
    ServerHeartbeat,
    ServerMessage,
    SessionEnd,
    SessionStart,
    SessionStarted,
    SttPartial,
    SummaryReady,
    TtsAudio,
    TtsClear,
    TurnState,
)
from app.services.speech import SAMPLE_RATE
from client.clock import Clock
from client.connection import decode_known, failure_of, loss, open_socket
from client.errors import ClientError, ConnectionLost, SessionRefused, TimedOut
from client.microphone import Microphone, Speech, Spoken
from client.playback import Mark, VirtualPlayer
from client.timings import Timings

HEARTBEAT_S = 10.0
START_TIMEOUT_S = 30.0
CLOSE_TIMEOUT_S = 5.0
MAX_WAITING_EVENTS = 1_000

_NUMBERED = (SessionStart, AudioCommit, SessionEnd, Ready)
_T = TypeVar("_T")


class LiveExam:
    """A session's socket, used as an async context manager and iterated over for the server's events.

    From `start` on, 40 ms microphone frames are sent in real time without a gap: silence, unless something
    was handed to `say`. The examiner's voice is played by a virtual player that reports its position.
    Acknowledgements and heartbeats are sent by the way and do not appear among the events.

    At most MAX_WAITING_EVENTS events wait to be iterated over; then reading from the socket waits too.
    Iteration ends when the server closes with 1000 and raises SessionRefused or ConnectionLost otherwise.
    """

    def __init__(
        self,
        base_url: str,
        session_id: str,
        token: str,
        *,
        clock: Clock,
        microphone: Microphone | None = None,
        player: VirtualPlayer | None = None,
    ) -> None:
        self.session_id = session_id
        self.microphone = microphone or Microphone()
        self.player = player or VirtualPlayer()
        self.timings = Timings()
        self.stored_ms = 0
        self._base_url = base_url
        self._token = token
        self._clock = clock
        self._socket: ClientConnection | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._events: asyncio.Queue[ServerMessage | None] = asyncio.Queue(MAX_WAITING_EVENTS)
        self._pulse = asyncio.Event()
        self._started: SessionStarted | None = None
        self._summary: dict[str, Any] | None = None
        self._analysis: AnalysisReady | None = None
        self._streaming = False
        self._origin: float | None = None
        self._spoken: Spoken | None = None
        self._sent_seq = 0
        self._last_seq = 0
        self._acked_seq = 0
        self._last_sent = 0.0
        self._refusals: dict[str, ErrorEvent] = {}
        self._failure: ClientError | None = None
        self._over = False

    # --- life -------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        self._socket = await open_socket(self._base_url, self.session_id, self._token)
        self._last_sent = self._clock.now()
        self._tasks = [
            asyncio.create_task(self._read(self._socket), name="exam-reader"),
            asyncio.create_task(self._run(), name="exam-ticker"),
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the socket. The session itself stays as it is; `end` ends it. Idempotent."""
        if self._socket is None:
            return
        reader, ticker = self._tasks
        ticker.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._socket.close()
        reader.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._socket = None

    async def start(self, display_name: str | None = None) -> SessionStarted:
        """Announce the microphone, begin the exam, and start streaming.

        Raises SessionRefused when the server refuses, TimedOut when it does not answer.
        """
        config = await self._send(AudioConfig(frame_ms=self.microphone.frame_ms))
        start = await self._send(SessionStart(display_name=display_name))

        def answer() -> SessionStarted | None:
            refused = self._refusals.get(config) or self._refusals.get(start)
            if refused is not None:
                raise SessionRefused(refused.code, refused.message, retryable=refused.retryable)
            return self._started

        return await self._wait_for(answer, START_TIMEOUT_S, "session.started")

    def __aiter__(self) -> AsyncIterator[ServerMessage]:
        return self

    async def __anext__(self) -> ServerMessage:
        event = None if self._over and self._events.empty() else await self._events.get()
        if event is not None:
            return event
        if self._failure is not None:
            raise self._failure
        raise StopAsyncIteration

    # --- what the learner does --------------------------------------------------------------------------

    def say(self, speech: Speech) -> Spoken:
        """Speak into the microphone from the next frame on; return where in the stream it will stand."""
        self._spoken = self.microphone.say(speech)
        return self._spoken

    async def quiet(self) -> None:
        """Return when everything handed to `say` has been sent. Raises what ended the connection."""
        while self.microphone.speaking:
            if self._over:
                raise self._failure or ConnectionLost("The server closed while the learner was speaking.")
            self._pulse.clear()
            await self._pulse.wait()

    def hush(self) -> int:
        """Stop speaking at once; return how many milliseconds were left unsaid."""
        self.timings.answer_cut()
        self._spoken = None
        self._pulse.set()
        return self.microphone.hush()

    async def end_of_turn(self, since_ms: int) -> None:
        """Say that the answer which began at microphone position `since_ms` is over.

        What is still waiting to be spoken stays waiting: call it when nothing is.
        """
        self.timings.answer_declared_over()
        until_ms = self.microphone.position_ms
        await self._send(
            AudioCommit(
                commit_id=uuid.uuid4().hex,
                audio_start_ms=min(since_ms, until_ms),
                audio_end_ms=until_ms,
                end_of_turn=True,
            )
        )

    async def ready(self) -> None:
        """Begin the Part 2 talk before the preparation time is over."""
        await self._send(Ready())

    async def end(self, reason: str | None = None) -> None:
        """End the session; the microphone stops, summary and analysis follow."""
        self._stop_microphone()
        self.timings.session_ended(self._clock.now())
        await self._send(SessionEnd(reason=reason))

    async def summary(self, timeout_s: float) -> dict[str, Any]:
        """Wait for the summary. Raises TimedOut, or what ended the connection."""
        return await self._wait_for(lambda: self._summary, timeout_s, "session.summary_ready")

    async def analysis_ready(self, timeout_s: float) -> AnalysisReady:
        """Wait until the analysis is announced. Raises TimedOut, or what ended the connection."""
        return await self._wait_for(lambda: self._analysis, timeout_s, "session.analysis_ready")

    # --- sending ----------------------------------------------------------------------------------------

    async def _send(self, event: ClientMessage) -> str:
        """Send an event with an id, and a number where it is one of those that count; return the id."""
        event_id = uuid.uuid4().hex
        seq = None
        if isinstance(event, _NUMBERED):
            self._sent_seq += 1
            seq = self._sent_seq
        self._acked_seq = self._last_seq
        full = msgspec.structs.replace(
            event, event_id=event_id, seq=seq, ack=self._last_seq or None, ts=time.time_ns() // 1_000_000
        )
        try:
            await self._open_socket().send(encode_event(full).decode())
        except ConnectionClosed as closed:
            await self._last_words()
            raise self._failure or loss(closed) from closed
        self._last_sent = self._clock.now()
        return event_id

    async def _run(self) -> None:
        """One beat every frame: the next piece of microphone, the player's marks, acknowledgements."""
        frame_s = self.microphone.frame_ms / 1000
        due = self._clock.now()
        with suppress(ConnectionClosed, ClientError):
            while True:
                due += frame_s
                await self._clock.sleep_until(due)
                if self._streaming:
                    await self._send_frame(due - frame_s)
                now = self._clock.now()
                for mark in self.player.advance(now):
                    await self._send_mark(mark)
                if self._acked_seq < self._last_seq:
                    await self._send(Ack())
                elif now - self._last_sent >= HEARTBEAT_S:
                    await self._send(ClientHeartbeat())

    async def _send_frame(self, began: float) -> None:
        if self._origin is None:
            self._origin = began
        frame = self.microphone.take(ts_ms=time.time_ns() // 1_000_000)
        await self._open_socket().send(encode_frame(frame))
        if not self.microphone.speaking:
            self._pulse.set()
        if self._spoken is None:
            return
        before = frame.offset_ms * SAMPLE_RATE // 1000
        after = self.microphone.position_ms * SAMPLE_RATE // 1000
        for first, end in self._spoken.spans:
            if before <= first < after:
                self.timings.speech_began(self._origin + first / SAMPLE_RATE)
            if before < end <= after:
                self.timings.speech_paused(self._origin + end / SAMPLE_RATE)

    async def _send_mark(self, mark: Mark) -> None:
        await self._send(
            PlaybackMark(utterance_id=mark.utterance_id, played_ms=mark.played_ms, done=mark.done)
        )

    async def _last_words(self) -> None:
        """Let the reader take what the server said before it closed."""
        reader = self._tasks[0]
        if reader is not asyncio.current_task():
            await asyncio.wait({reader}, timeout=CLOSE_TIMEOUT_S)

    def _open_socket(self) -> ClientConnection:
        if self._socket is None:
            raise ConnectionLost("The exam is not connected; use it as an async context manager.")
        return self._socket

    def _stop_microphone(self) -> None:
        self._streaming = False
        self.microphone.hush()

    # --- receiving --------------------------------------------------------------------------------------

    async def _read(self, socket: ClientConnection) -> None:
        try:
            while True:
                message = await socket.recv()
                if isinstance(message, bytes):
                    self._take_frame(decode_frame(message))
                    continue
                event = decode_known(message)
                if event is not None and self._is_new(event):
                    await self._take_event(event)
        except ConnectionClosed as closed:
            self._failure = self._failure or failure_of(closed)
        except (msgspec.DecodeError, ProtocolError) as broken:
            self._failure = ConnectionLost(f"The server sent something that is not of the protocol: {broken}")
        finally:
            self._over = True
            self._pulse.set()
            with suppress(asyncio.QueueFull):
                self._events.put_nowait(None)

    def _is_new(self, event: ServerMessage) -> bool:
        if event.seq is None:
            return True
        if event.seq <= self._last_seq:
            return False
        self._last_seq = event.seq
        return True

    def _take_frame(self, frame: AudioFrame) -> None:
        now = self._clock.now()
        if frame.kind is FrameKind.VOICE and self.player.feed(frame.stream, frame.payload, now):
            self.timings.voice_came(now)

    def _take_voice(self, event: TtsAudio) -> None:
        if event.state == "begin":
            self.player.begin(event.utterance_id, event.stream_id, event.sample_rate)
        else:
            self.player.end(event.utterance_id)

    async def _clear_voice(self, event: TtsClear, now: float) -> None:
        mark = self.player.clear(event.utterance_id, now)
        if mark is not None:
            await self._send_mark(mark)

    async def _take_event(self, event: ServerMessage) -> None:
        now = self._clock.now()
        match event:
            case ServerHeartbeat():
                return
            case ServerAck():
                self.stored_ms = max(self.stored_ms, event.received_ms)
                return
            case SessionStarted():
                self._started = event
                self._streaming = True
            case TtsAudio():
                self._take_voice(event)
            case TtsClear():
                await self._clear_voice(event, now)
            case SttPartial():
                self.timings.partial_came(now)
            case AiReply(kind="stop"):
                self.timings.answer_declared_over()
            case TurnState(state="ended"):
                self._stop_microphone()
                self.timings.session_ended(now)
            case SummaryReady():
                self._stop_microphone()
                self.timings.summary_came(now)
                self._summary = event.summary
            case AnalysisReady():
                self.timings.analysis_came(now)
                self._analysis = event
            case ErrorEvent():
                self._note_error(event)
            case _:
                pass
        self._pulse.set()
        await self._events.put(event)

    def _note_error(self, event: ErrorEvent) -> None:
        if event.ref_event_id is not None and self._started is None:
            self._refusals[event.ref_event_id] = event
        if event.fatal:
            self._failure = SessionRefused(event.code, event.message, retryable=event.retryable)

    async def _wait_for(self, get: Callable[[], _T | None], timeout_s: float, what: str) -> _T:
        try:
            async with asyncio.timeout(timeout_s):
                while (value := get()) is None:
                    if self._over:
                        raise self._failure or ConnectionLost(f"The server closed before {what}.")
                    self._pulse.clear()
                    await self._pulse.wait()
                return value
        except TimeoutError:
            raise TimedOut(f"No {what} within {timeout_s:.0f} s.") from None
