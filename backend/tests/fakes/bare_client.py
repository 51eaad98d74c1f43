"""A client that is nothing but the test's own messages."""

from uuid import UUID

from app.api.websocket.protocol import (
    AudioConfig,
    AudioFrame,
    ErrorEvent,
    FrameKind,
    SessionStart,
    SessionStarted,
)
from tests.fakes.pipe import Pipe
from tests.fakes.world import ALICE, World


def errors(pipe: Pipe) -> list[str]:
    """The codes of the errors a client was told."""
    return [event.code for event in pipe.of(ErrorEvent) if isinstance(event, ErrorEvent)]


def frame(offset_ms: int, pcm: bytes = bytes(40 * 32)) -> AudioFrame:
    """A microphone frame, silent unless it is given a sound."""
    return AudioFrame(FrameKind.MICROPHONE, 0, 0, offset_ms, pcm)


async def started(w: World, session_id: UUID | None = None, *, user: UUID | str = ALICE) -> Pipe:
    """An exam whose microphone the test itself is; `user` may be a ticket."""
    pipe = w.connect(session_id or w.create().id, user=user)
    pipe.send(AudioConfig())
    pipe.send(SessionStart())
    await pipe.until(lambda: pipe.of(SessionStarted))
    return pipe
