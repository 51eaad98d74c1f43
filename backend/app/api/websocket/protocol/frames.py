"""Binary frames: audio behind a 20-byte header."""

import struct
from dataclasses import dataclass
from enum import IntEnum

from app.services.speech import BYTES_PER_MS

MAX_FRAME_AUDIO_MS = 1_000
HEADER = struct.Struct("!BBHIIQ")
MAX_BINARY_BYTES = HEADER.size + MAX_FRAME_AUDIO_MS * BYTES_PER_MS


class FrameKind(IntEnum):
    """What a binary frame carries."""

    MICROPHONE = 1
    VOICE = 2


class FrameFlag(IntEnum):
    """Bits of a binary frame's flags."""

    LAST = 1


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """One binary frame.

    `stream` is 0 for the microphone, and the number announced by `tts.audio` for the examiner's voice.
    `seq` counts frames of the stream from 0. `offset_ms` is the position of the first sample in the stream,
    counted in samples, never in wall time. `ts_ms` is the sender's clock, informational.
    """

    kind: FrameKind
    stream: int
    seq: int
    offset_ms: int
    payload: bytes
    ts_ms: int = 0
    last: bool = False
