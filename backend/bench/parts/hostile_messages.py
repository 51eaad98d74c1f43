"""Messages as somebody would send them who wants the socket's decoder to break: valid ones, damaged."""

import random
from collections.abc import Callable, Iterator

from app.api.websocket.codec import encode_event, encode_frame
from app.api.websocket.protocol import (
    MAX_BINARY_BYTES,
    MAX_TEXT_BYTES,
    Ack,
    AudioCommit,
    AudioConfig,
    AudioFrame,
    Authenticate,
    AuthRefresh,
    ClientHeartbeat,
    FrameKind,
    PlaybackMark,
    Ready,
    SessionEnd,
    SessionResume,
    SessionStart,
    TurnNext,
    TurnRetry,
)

Message = str | bytes
"""A text message, which a WebSocket carries as UTF-8, or a binary one."""

_THREE_PARTS = "a.b.c"
VALID_EVENTS = tuple(
    encode_event(event).decode()
    for event in (
        Authenticate(token=_THREE_PARTS, event_id="e1"),
        AuthRefresh(token=_THREE_PARTS, ts=1),
        AudioConfig(ack=3),
        SessionStart(seq=0, display_name="Dilnoza"),
        SessionResume(session_id="3f0e9a51-5c0c-4c77-8d0b-5a7f2f8f9f11", last_seq=7, epoch=2),
        AudioCommit(commit_id="c1", audio_start_ms=0, audio_end_ms=2_000, end_of_turn=True, audio="AAAA"),
        SessionEnd(seq=9, reason="done"),
        Ready(),
        TurnRetry(),
        TurnNext(),
        Ack(ack=2**53),
        PlaybackMark(utterance_id="u1", played_ms=2**32 - 1, done=True),
        ClientHeartbeat(),
    )
)
VALID_FRAMES = tuple(
    encode_frame(AudioFrame(kind, stream, seq, seq * 20, bytes(640), 5, last))
    for kind, stream, seq, last in (
        (FrameKind.MICROPHONE, 0, 0, False),
        (FrameKind.MICROPHONE, 0, 1, True),
        (FrameKind.VOICE, 3, 2**27, False),
    )
)
_TOKENS = (
    *("null", "true", "-1", "-0", "1e400", "1E-400", "9" * 400, "0.1", "18446744073709551616", "NaN"),
    *('""', '"\\u0000"', '"\\ud800"', '"\\ud83d\\ude00"', '"\\', "\x00", "\ufeff", "\u202e", "é" * 50),
    *("{}", "[]", "[" * 2_000, '{"a":' * 1_000, "]" * 50, "}" * 50, ",", ":", '"type":"ack",'),
    *('"type"', '"seq"', '"token"', '"' + "x" * 9_000 + '"', " " * 5_000, "\n", "//", "/*", "'"),
)
_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF)


def hostile_messages(seed: int) -> Iterator[Message]:
    """Yield messages without end, the same for the same seed; a few are larger than any that is taken."""
    chance = random.Random(seed)  # noqa: S311 - it must be repeatable, not secret
    while True:
        if chance.random() < 0.7:
            yield _text(chance)
        else:
            yield _binary(chance)


def _text(chance: random.Random) -> str:
    text = chance.choice(VALID_EVENTS)
    for _ in range(chance.choice((0, 1, 1, 1, 2, 4))):
        text = chance.choice(_TEXT_DAMAGE)(chance, text)
    return text[: MAX_TEXT_BYTES + 100]


def _binary(chance: random.Random) -> bytes:
    data = chance.choice(VALID_FRAMES)
    for _ in range(chance.choice((0, 1, 1, 2, 4))):
        data = chance.choice(_BINARY_DAMAGE)(chance, data)
    return data[: MAX_BINARY_BYTES + 100]


def _place(chance: random.Random, of: Message) -> int:
    return chance.randint(0, len(of))


def _cut(chance: random.Random, text: str) -> str:
    return text[: _place(chance, text)]


def _put_in(chance: random.Random, text: str) -> str:
    at = _place(chance, text)
    return text[:at] + chance.choice(_TOKENS) + text[at:]


def _put_over(chance: random.Random, text: str) -> str:
    first, last = sorted((_place(chance, text), _place(chance, text)))
    return text[:first] + chance.choice(_TOKENS) + text[last:]


def _other_value(chance: random.Random, text: str) -> str:
    """Change what stands behind one of the colons."""
    parts = text.split(":")
    at = chance.randrange(len(parts))
    behind = parts[at].find(",")
    parts[at] = chance.choice(_TOKENS) + (parts[at][behind:] if behind >= 0 else "")
    return ":".join(parts)


def _spliced(chance: random.Random, text: str) -> str:
    other = chance.choice(VALID_EVENTS)
    return text[: _place(chance, text)] + other[_place(chance, other) :]


def _again(chance: random.Random, text: str) -> str:
    return (text[:2_000] * chance.choice((2, 10, 100)))[: MAX_TEXT_BYTES + 1]


def _other_character(chance: random.Random, text: str) -> str:
    at = _place(chance, text)
    return text[:at] + chr(chance.choice((*range(1, 128), 0x80, 0x7FF, 0xFFFD, 0x1F600))) + text[at + 1 :]


_TEXT_DAMAGE: tuple[Callable[[random.Random, str], str], ...] = (
    _cut,
    _put_in,
    _put_over,
    _other_value,
    _spliced,
    _again,
    _other_character,
)


def _shorter(chance: random.Random, data: bytes) -> bytes:
    return data[: _place(chance, data)]


def _longer(chance: random.Random, data: bytes) -> bytes:
    return data + chance.randbytes(chance.choice((1, 2, 640, 32_000)))


def _other_bytes(chance: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 4))):
        if changed:
            changed[chance.randrange(min(24, len(changed)))] = chance.choice(_NUMBERS)
    return bytes(changed)


def _noise(chance: random.Random, data: bytes) -> bytes:
    return chance.randbytes(chance.choice((0, 1, 19, 20, 21, 52, 660)))


_BINARY_DAMAGE: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    _shorter,
    _longer,
    _other_bytes,
    _noise,
)
