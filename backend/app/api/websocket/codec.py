"""Bytes to events and back. Pure; refuses whatever does not fit with a ProtocolError that says what to do."""

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
            raise ProtocolError("unknown_type", f"Unknown event type: {invalid}") from None
        raise ProtocolError("invalid_event", f"The event does not fit its type: {invalid}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as malformed:
        raise ProtocolError("malformed_json", f"Not a JSON object: {malformed}") from None
    except RecursionError:
        raise ProtocolError("malformed_json", "The JSON is nested too deeply.") from None


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
    kind, flags, stream, seq, offset_ms, ts_ms = HEADER.unpack_from(data)
    try:
        known = FrameKind(kind)
    except ValueError:
        raise ProtocolError("bad_frame", f"Unknown frame kind {kind}.") from None
    payload = data[HEADER.size :]
    if known is FrameKind.MICROPHONE and len(payload) % BYTES_PER_MS:
        raise ProtocolError("bad_frame", "Microphone frames carry whole milliseconds of 16 kHz mono PCM16.")
    return AudioFrame(
        kind=known,
        stream=stream,
        seq=seq,
        offset_ms=offset_ms,
        payload=payload,
        ts_ms=ts_ms,
        last=bool(flags & FrameFlag.LAST),
    )


def encode_frame(frame: AudioFrame) -> bytes:
    """Encode a binary frame."""
    flags = FrameFlag.LAST if frame.last else 0
    header = HEADER.pack(frame.kind, flags, frame.stream, frame.seq, frame.offset_ms, frame.ts_ms)
    return header + frame.payload
