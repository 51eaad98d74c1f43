"""What comes up from a client's microphone: frames, commits, and the acknowledgement of what is stored."""

import asyncio

from app.api.websocket import admission
from app.api.websocket.clock import Clock
from app.api.websocket.commits import inline_audio
from app.api.websocket.connection import Connection
from app.api.websocket.limits import Limits
from app.api.websocket.protocol import AudioCommit, AudioFrame, FrameKind, ProtocolError, ServerAck
from app.api.websocket.session_core import SessionCore


class Intake:
    """Takes audio into a session. Methods raise ProtocolError for what does not fit; then nothing changed."""

    def __init__(self, core: SessionCore, clock: Clock, limits: Limits) -> None:
        self._core = core
        self._clock = clock
        self._limits = limits
        self._flushing: asyncio.Task[None] | None = None
        self._acked_ms = 0
        self._ack_due_ms = 0

    def greet(self) -> None:
        """A client has joined, who has been told nothing yet."""
        self._core.microphone.touch(self._clock.now_ms())
        self._acked_ms = 0

    def frame(self, connection: Connection, frame: AudioFrame) -> None:
        """Take a frame of the microphone."""
        if frame.kind is not FrameKind.MICROPHONE:
            raise ProtocolError("bad_frame", "Only microphone frames (kind 1) go to the server.")
        if not (connection.joined and connection.audio_configured):
            connection.refuse_once(admission.audio_too_early())
            return
        self._hear(frame.offset_ms, frame.payload)

    def commit(self, connection: Connection, commit: AudioCommit) -> None:
        """Take the learner's word about a stretch of audio; one that was taken before is only answered."""
        core = self._core
        if core.commits.is_repeat(commit):
            core.commits.await_storage(commit)
            return
        pcm = inline_audio(commit)
        if pcm and not connection.audio_configured:
            raise admission.audio_too_early()
        if pcm:
            self._hear(commit.audio_start_ms, pcm)
        core.commits.take(commit, received_ms=core.microphone.position_ms)
        core.journal.add()
        if commit.end_of_turn:
            core.exam.answer_committed(commit.audio_end_ms)
        if self._flushing is None or self._flushing.done():
            self._flushing = core.own(self._flush(), "session.flush")

    def due_ms(self) -> int | None:
        """Return when to acknowledge what is stored; None while there is nothing new."""
        return self._ack_due_ms if self._acked_ms < self._core.microphone.stored_ms else None

    def acknowledge(self, connection: Connection, now_ms: int) -> None:
        """Tell the client what is stored, if it is time."""
        stored_ms = self._core.microphone.stored_ms
        ack = self._core.stored_in_seq or None
        for commit_id in self._core.commits.stored(stored_ms, self._core.stored_commits):
            connection.send(ServerAck(received_ms=stored_ms, commit_id=commit_id, ack=ack))
        if self._acked_ms < stored_ms and now_ms >= self._ack_due_ms:
            connection.offer("ack", ServerAck(received_ms=stored_ms, ack=ack))
            self._acked_ms = stored_ms
            self._ack_due_ms = now_ms + self._limits.ack_every_ms

    def _hear(self, offset_ms: int, pcm: bytes) -> None:
        heard = self._core.microphone.take(offset_ms, pcm, self._clock.now_ms())
        if heard is not None:
            self._core.exam.hear(heard)

    async def _flush(self) -> None:
        while self._core.commits.wait_for_ms > self._core.microphone.stored_ms:
            await self._core.audio.flush()
