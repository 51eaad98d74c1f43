"""What an application gets of what lies on the wire, however it is cut, whichever way it receives."""

import asyncio
import base64
import weakref
from typing import Any, Literal

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from uvicorn.server import ServerState

from app.api.websocket.socket import HAND_OVER, RECEIVE_ALL
from app.modes.uvicorn_server import KEEPALIVE_S, MAX_MESSAGE_BYTES, server_config
from app.modes.uvicorn_socket import MicrophoneSocket
from tests.virtual_time import virtual_time

NOTICED_WITHIN_S = 20
TEXT, BINARY, CONTINUATION, PING, PONG, CLOSE = 1, 2, 0, 9, 10, 8
FINAL = 0x80
MASK = bytes((0x11, 0xA0, 0x00, 0x7F))

Message = str | bytes
Way = Literal["one by one", "all at once", "handed over"]
WAYS: tuple[Way, ...] = ("one by one", "all at once", "handed over")


class Wire(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closing = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("127.0.0.1", 1) if name in ("peername", "sockname") else default

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None:
        self.closing = True

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class Application:
    """Keeps what it receives, one by one or all at once, or has a task do so that goes on with the socket."""

    def __init__(self, way: Way) -> None:
        self.way = way
        self.received: list[Message] = []
        self.code: int | None = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        receive_all = scope["extensions"][RECEIVE_ALL]["receive"]
        if self.way == "handed over":
            scope["extensions"][HAND_OVER]["to"](asyncio.create_task(self.hear(receive, receive_all)))
        else:
            await self.hear(receive, receive_all)

    async def hear(self, receive: Any, receive_all: Any) -> None:
        while self.code is None:
            for event in [await receive()] if self.way == "one by one" else await receive_all():
                if isinstance(event, bytes):
                    self.received.append(event)
                    continue
                if event["type"] == "websocket.disconnect":
                    self.code = event["code"]
                    break
                text, data = event.get("text"), event.get("bytes")
                self.received.append(data if text is None else text)


def frame(opcode: int, payload: bytes, *, final: bool = True) -> bytes:
    size = len(payload)
    if size < 126:
        length = bytes((0x80 | size,))
    elif size < 65_536:
        length = bytes((0x80 | 126,)) + size.to_bytes(2)
    else:
        length = bytes((0x80 | 127,)) + size.to_bytes(8)
    masked = bytes(byte ^ MASK[at % 4] for at, byte in enumerate(payload))
    return bytes((opcode | (FINAL if final else 0),)) + length + MASK + masked


async def heard(pieces: list[bytes], way: Way = "all at once") -> tuple[Application, Wire]:
    """Let an application hear the pieces, as they were read one after another."""
    application = Application(way)
    protocol, wire = await accepted(application)
    for piece in pieces:
        protocol.data_received(piece)
        await _settle()
    if application.code is None:
        protocol.connection_lost(None)
        await _settle()
    return application, wire


async def accepted(application: Any) -> tuple[MicrophoneSocket, Wire]:
    """Return a connection that the application has accepted."""
    protocol, wire = await connected(application)
    assert b" 101 " in wire.written
    wire.written = b""
    return protocol, wire


async def connected(application: Any) -> tuple[MicrophoneSocket, Wire]:
    """Return a connection whose handshake the application has seen."""
    config: uvicorn.Config = server_config(application)
    config.lifespan = "off"
    config.load()
    wire = Wire()
    protocol = MicrophoneSocket(config=config, server_state=ServerState(), app_state={})
    protocol.connection_made(wire)
    key = base64.b64encode(bytes(16)).decode()
    protocol.data_received(
        f"GET / HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
        f"sec-websocket-key: {key}\r\nsec-websocket-version: 13\r\n\r\n".encode()
    )
    await _settle()
    return protocol, wire


async def _settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({place % (len(data) + 1) for place in places} | {len(data)})
    return [data[begin:end] for begin, end in zip([0, *ends], ends, strict=False) if begin < end]


sizes = st.sampled_from([0, 1, 20, 125, 126, 127, 660, 65_535, 65_536])
message = st.one_of(st.text(max_size=20), sizes.map(lambda size: (bytes(range(256)) * 257)[:size]))


@given(
    st.lists(st.tuples(message, st.booleans(), st.booleans()), max_size=12),
    st.lists(st.integers(0, 1_000_000), max_size=12),
    st.sampled_from(WAYS),
)
def test_every_message_comes_whole_and_in_order(
    messages: list[tuple[Message, bool, bool]], cuts: list[int], way: Way
) -> None:
    wire, pings = b"", 0
    for said, in_two, pinged in messages:
        opcode, payload = (TEXT, said.encode()) if isinstance(said, str) else (BINARY, said)
        ping = frame(PING, b"?") if pinged else b""
        pings += pinged
        if in_two:
            half = len(payload) // 2
            wire += frame(opcode, payload[:half], final=False) + ping + frame(CONTINUATION, payload[half:])
        else:
            wire += ping + frame(opcode, payload)

    application, answered = asyncio.run(heard(cut(wire, cuts), way))

    assert application.received == [said for said, _, _ in messages]
    assert answered.written == pings * (bytes((FINAL | PONG, 1)) + b"?")


async def test_a_close_behind_frames_comes_after_them() -> None:
    sound = frame(BINARY, bytes(660))
    application, _ = await heard([sound * 3 + frame(CLOSE, (4001).to_bytes(2))])
    assert (len(application.received), application.code) == (3, 4001)


async def test_a_message_in_the_middle_of_another_is_a_breach_of_the_protocol() -> None:
    half = frame(BINARY, b"abc", final=False)
    application, _ = await heard([half + frame(BINARY, b"def")])
    assert (application.received, application.code) == ([], 1002)


async def test_an_unmasked_frame_is_a_breach_of_the_protocol() -> None:
    application, _ = await heard([bytes((FINAL | BINARY, 3)) + b"abc"])
    assert (application.received, application.code) == ([], 1002)


async def test_a_message_beyond_the_limit_is_refused_before_it_is_kept() -> None:
    begun = frame(BINARY, bytes(MAX_MESSAGE_BYTES + 100))[:1000]
    application, _ = await heard([begun[:1], begun[1:]])
    assert (application.received, application.code) == ([], 1009)


class HandsOver:
    """An application that is done when it has handed the accepted connection to `conversation`."""

    def __init__(self, conversation: Any) -> None:
        self.conversation = conversation
        self.done = False
        self.handshake: weakref.ref[Any] | None = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        server = scope["extensions"][HAND_OVER]
        server["to"](asyncio.create_task(self.conversation(server["receive"], server["send"])))
        scope["kept"] = kept = Kept()
        self.handshake = weakref.ref(kept)
        self.done = True


class Kept:
    """Something that lives as long as the scope does."""


async def test_a_connection_that_was_handed_over_lives_on_without_its_handshake() -> None:
    async def echo(receive: Any, send: Any) -> None:
        while (event := await receive())["type"] != "websocket.disconnect":
            await send({"type": "websocket.send", "text": event["text"]})
            del event

    application = HandsOver(echo)
    protocol, wire = await accepted(application)
    assert application.done
    assert application.handshake is not None
    assert application.handshake() is None

    for word in ("one", "two"):
        protocol.data_received(frame(TEXT, word.encode()))
        await _settle()
    assert wire.written == b"".join(bytes((FINAL | TEXT, 3)) + word for word in (b"one", b"two"))
    assert not wire.closing

    protocol.data_received(frame(CLOSE, (1000).to_bytes(2)))
    await _settle()
    assert wire.closing
    assert not protocol.tasks


async def test_a_connection_ends_with_the_task_that_it_was_handed_to(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(receive: Any, send: Any) -> None:
        await receive()
        raise RuntimeError("The conversation broke.")

    protocol, wire = await accepted(HandsOver(fail))
    assert not wire.closing

    protocol.data_received(frame(TEXT, b"?"))
    await _settle()
    assert wire.closing
    assert not protocol.tasks
    assert "The conversation broke." in caplog.text


@pytest.mark.parametrize("fails", [False, True])
async def test_a_handshake_that_the_application_does_not_answer_is_an_error_of_the_server(
    fails: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()
        if fails:
            raise RuntimeError("It broke.")

    protocol, wire = await connected(application)
    assert b" 500 " in wire.written
    assert wire.closing
    assert not protocol.tasks
    assert "did not answer a handshake" in caplog.text
    assert ("It broke." in caplog.text) is fails


@virtual_time
async def test_a_peer_that_is_gone_is_noticed_in_time_whenever_it_was_heard_last() -> None:
    for last_heard_s in (0, 5, KEEPALIVE_S, KEEPALIVE_S + 1, 2 * KEEPALIVE_S, 2 * KEEPALIVE_S + 1, 30):
        application = Application("all at once")
        protocol, wire = await accepted(application)
        loop = asyncio.get_running_loop()
        began_s = heard_s = loop.time()
        while not wire.closing:
            if loop.time() - began_s <= last_heard_s:
                heard_s = loop.time()
                protocol.data_received(frame(TEXT, b"still here"))
            await asyncio.sleep(0.25)
        protocol.connection_lost(None)
        await _settle()
        assert heard_s - began_s > last_heard_s - 0.5, "nobody who speaks is cut off"
        assert loop.time() - heard_s < NOTICED_WITHIN_S
