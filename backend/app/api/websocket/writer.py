"""The one task that writes to a connection: tails the log from its cursor and paces the examiner's voice."""

import asyncio
from collections.abc import Awaitable

from app.api.websocket.clock import Clock
from app.api.websocket.codec import encode_frame
from app.api.websocket.connection import Closing, Connection
from app.api.websocket.event_log import LoggedEvent
from app.api.websocket.limits import Limits
from app.api.websocket.playback import Playback
from app.api.websocket.protocol import AudioFrame, CloseCode, FrameKind
from app.api.websocket.socket import Socket
from app.api.websocket.sound import Sound

CLOSE_MS = 1_000


class SlowConsumer(Exception):
    """The client did not read a message in time."""


class ConnectionWriter:
    """Sends, in this order: what is queued for this client, the log, passing events, voice.

    The voice of a line follows its announcement and precedes its end; it is sent at most `voice_ahead_ms`
    ahead of the learner's ear. Nothing is buffered here: what cannot be sent yet stays where it is.
    """

    def __init__(self, socket: Socket, connection: Connection, clock: Clock, limits: Limits) -> None:
        self._socket = socket
        self._connection = connection
        self._clock = clock
        self._limits = limits
        self._speaking: Playback | None = None
        self._position = 0
        self._frames = 0
        self._spoken_out = False

    async def run(self) -> None:
        """Write until the connection is to close, and close it. Raises SocketClosed."""
        connection = self._connection
        while True:
            due_ms = None
            try:
                await self._queued()
                await self._log()
                await self._passing()
                due_ms = await self._voice()
            except SlowConsumer:
                connection.close(CloseCode.SLOW_OR_IDLE, "The client does not read what it is sent.")
            closing = connection.closing
            if closing is not None and (not closing.after_seq or closing.after_seq <= connection.cursor):
                await self._close(closing)
                return
            await connection.wait(due_ms)

    async def _queued(self) -> None:
        while data := self._connection.take_queued():
            await self._send(self._socket.send_text(data))

    async def _log(self) -> None:
        connection = self._connection
        if connection.log is None:
            return
        while events := await connection.log.after(connection.cursor):
            for event in events:
                await self._before(event)
                await self._send(self._socket.send_text(event.data))
                connection.cursor = event.seq
                self._after(event)

    async def _before(self, event: LoggedEvent) -> None:
        """A voice's end comes after its last frame."""
        voice = self._connection.voice
        if voice is not None and voice.end_seq == event.seq:
            await self._voice(all_of_it=True)

    def _after(self, event: LoggedEvent) -> None:
        voice = self._connection.voice
        if voice is not None and voice.announced_seq == event.seq:
            self._announce(voice)

    def _announce(self, voice: Playback) -> None:
        voice.shown(self._clock.now_ms())
        self._tell_session()

    async def _passing(self) -> None:
        while data := self._connection.take_latest():
            await self._send(self._socket.send_text(data))

    async def _voice(self, *, all_of_it: bool = False) -> int | None:
        """Send what may be heard soon; return when to go on, None when something must happen first."""
        voice = self._connection.voice
        if voice is None or voice.cleared or voice.paused or self._connection.cursor < voice.announced_seq:
            return None
        if voice is not self._speaking:
            self._begin(voice)
        sound = voice.sound
        if self._spoken_out:
            return None
        while not voice.cleared and self._connection.closing is None:
            now_ms = self._clock.now_ms()
            sent_ms = sound.ms(self._position)
            may_ms = voice.played_ms(now_ms) + self._limits.voice_ahead_ms
            if sent_ms >= may_ms and not all_of_it:
                return now_ms + max(1, sent_ms - may_ms) + self._limits.voice_frame_ms
            end = min(len(sound.pcm), self._position + sound.at(self._limits.voice_frame_ms))
            last = sound.complete and end == len(sound.pcm)
            if end == self._position and not last:
                return None
            await self._frame(voice, sound, end, last=last)
            if last:
                return None
        return None

    def _begin(self, voice: Playback) -> None:
        self._speaking = voice
        self._position = voice.sound.at(voice.played_ms(self._clock.now_ms()))
        self._frames = 0
        self._spoken_out = False
        if voice.shown_at_ms is None:
            self._announce(voice)
        voice.sound.follow(self._connection.wake)

    async def _frame(self, voice: Playback, sound: Sound, end: int, *, last: bool) -> None:
        frame = AudioFrame(
            kind=FrameKind.VOICE,
            stream=voice.stream_id,
            seq=self._frames,
            offset_ms=sound.ms(self._position),
            payload=bytes(sound.pcm[self._position : end]),
            ts_ms=self._clock.unix_ms(),
            last=last,
        )
        await self._send(self._socket.send_bytes(encode_frame(frame)))
        self._frames += 1
        self._position = end
        self._spoken_out = last
        voice.sent(sound.ms(end), self._clock.now_ms())
        if self._frames == 1 or last:
            self._tell_session()

    def _tell_session(self) -> None:
        if self._connection.on_voice is not None:
            self._connection.on_voice()

    async def _send(self, sending: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(self._limits.send_ms / 1000):
                await sending
        except TimeoutError:
            raise SlowConsumer from None

    async def _close(self, closing: Closing) -> None:
        try:
            async with asyncio.timeout(CLOSE_MS / 1000):
                await self._socket.close(closing.code, closing.reason)
        except TimeoutError:
            return
