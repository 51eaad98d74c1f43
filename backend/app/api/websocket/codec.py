"""Bytes to events and back. Pure; refuses whatever does not fit with a ProtocolError that says what to do."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from app.api.websocket.protocol import (
    HEADER,
    MAX_BINARY_BYTES,
    MAX_FRAME_AUDIO_MS,
    MAX_TEXT_BYTES,
    AudioFrame,
    ClientMessage,
    CloseCode,
    FrameFlag,
    FrameKind,
    ProtocolError,
    ServerEvent,
    ServerMessage,
)
from app.services.speech import BYTES_PER_MS

RUN_MS = 200
"""Frames that follow one another are taken as one up to about this length."""
MAX_REASON_CHARS = 200

_KINDS = {int(kind): kind for kind in FrameKind}
_client: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)
_server: msgspec.json.Decoder[ServerMessage] = msgspec.json.Decoder(ServerMessage)
_encoder = msgspec.json.Encoder()


def decode_event(text: str | bytes) -> ClientMessage:
    """Decode and validate one client event.

    Raises ProtocolError `too_big` (fatal), `malformed_json`, `unknown_type` or `invalid_event`.
    """
    if len(text) > MAX_TEXT_BYTES:
        raise ProtocolError(
            "too_big",
            f"A text event may have at most {MAX_TEXT_BYTES} bytes; send audio in binary frames.",
            fatal=True,
            close=CloseCode.TOO_BIG,
        )
    try:
        return _client.decode(text)
    except msgspec.ValidationError as invalid:
        if "Invalid value" in str(invalid) and "$.type" in str(invalid):
            raise ProtocolError("unknown_type", f"Unknown event type: {_shortly(invalid)}") from None
        raise ProtocolError(
            "invalid_event", f"The event does not fit its type: {_shortly(invalid)}"
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as malformed:
        raise ProtocolError("malformed_json", f"Not a JSON object: {_shortly(malformed)}") from None
    except RecursionError:
        raise ProtocolError("malformed_json", "The JSON is nested too deeply.") from None


def _shortly(error: Exception) -> str:
    """Return the reason; it quotes what the client has sent, which may be as long as an event."""
    return str(error)[:MAX_REASON_CHARS]


def decode_server_event(text: str | bytes) -> ServerMessage:
    """Decode one server event (for clients). Raises msgspec.DecodeError."""
    return _server.decode(text)


def encode_event(event: ServerEvent | ClientMessage) -> bytes:
    """Encode an event as UTF-8 JSON."""
    return _encoder.encode(event)


def decode_frame(data: bytes) -> AudioFrame:
    """Decode a binary frame.

    Raises ProtocolError `too_big` (fatal) or `bad_frame`.
    """
    if len(data) > MAX_BINARY_BYTES:
        raise ProtocolError(
            "too_big",
            f"A frame may carry at most {MAX_FRAME_AUDIO_MS} ms of audio ({MAX_BINARY_BYTES} bytes).",
            fatal=True,
            close=CloseCode.TOO_BIG,
        )
    if len(data) < HEADER.size:
        raise ProtocolError("bad_frame", f"A frame starts with a header of {HEADER.size} bytes.")
    return _frame(data, data[HEADER.size :])


def runs(messages: Iterable[str | bytes]) -> Iterator[str | list[bytes]]:
    """Yield texts as they are, and binary messages in runs that `decode_run` takes as one.

    A run is microphone frames that follow one another without a gap, up to about `RUN_MS`; what is no such
    frame is a run of its own.
    """
    run: list[bytes] = []
    began_ms, end = 0, None
    for message in messages:
        place = None if isinstance(message, str) else _place(message)
        if run and (place is None or place[0] != end or place[0][2] - began_ms >= RUN_MS):
            yield run
            run = []
        if isinstance(message, str):
            yield message
            continue
        if place is not None and not run:
            began_ms = place[0][2]
        run.append(message)
        end = None if place is None else place[1]
    if run:
        yield run


def decode_run(run: Sequence[bytes]) -> AudioFrame:
    """Decode a run of binary messages. Raises ProtocolError `too_big` (fatal) or `bad_frame`."""
    if len(run) == 1:
        return decode_frame(run[0])
    return _frame(run[0], b"".join([message[HEADER.size :] for message in run]))


def encode_frame(frame: AudioFrame) -> bytes:
    """Encode a binary frame."""
    flags = FrameFlag.LAST if frame.last else 0
    header = HEADER.pack(frame.kind, flags, frame.stream, frame.seq, frame.offset_ms, frame.ts_ms)
    return header + frame.payload


def _place(message: bytes) -> tuple[tuple[int, int, int], tuple[int, int, int]] | None:
    """Return flags, stream and position at both ends of a microphone frame; None for anything else."""
    size = len(message) - HEADER.size
    if not 0 <= size <= MAX_BINARY_BYTES - HEADER.size or size % BYTES_PER_MS:
        return None
    kind, flags, stream, _, offset_ms, _ = HEADER.unpack_from(message)
    if kind != FrameKind.MICROPHONE:
        return None
    return (flags, stream, offset_ms), (flags, stream, offset_ms + size // BYTES_PER_MS)


def _frame(header: bytes, payload: bytes) -> AudioFrame:
    kind, flags, stream, seq, offset_ms, ts_ms = HEADER.unpack_from(header)
    known = _KINDS.get(kind)
    if known is None:
        raise ProtocolError("bad_frame", f"Unknown frame kind {kind}.")
    if known is FrameKind.MICROPHONE and len(payload) % BYTES_PER_MS:
        raise ProtocolError("bad_frame", "Microphone frames carry whole milliseconds of 16 kHz mono PCM16.")
    return AudioFrame(known, stream, seq, offset_ms, payload, ts_ms, bool(flags & FrameFlag.LAST))
