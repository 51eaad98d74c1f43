"""docs/protocol.md says what the code does: real examples, a working client, tables with nothing missing."""

import asyncio
import json
import re
import sys
from pathlib import Path

import pytest

from app.api.websocket import protocol
from app.api.websocket.codec import (
    decode_event,
    decode_frame,
    decode_server_event,
    encode_event,
    encode_frame,
)
from app.api.websocket.protocol import (
    AiReply,
    AnalysisReady,
    AudioConfig,
    AudioFrame,
    CloseCode,
    FrameKind,
    SessionEnd,
    SttFinal,
    SummaryReady,
    TurnState,
)
from tests.fakes.exam_server import ExamServer, Peer

REPOSITORY = Path(__file__).resolve().parents[3]
PAGE = (REPOSITORY / "docs" / "protocol.md").read_text(encoding="utf-8")
SOCKET = REPOSITORY / "backend" / "app" / "api" / "websocket"


def blocks(language: str, text: str = PAGE) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


CLIENT_PART, SERVER_PART = PAGE.split("### Server to client")
CLIENT_EXAMPLES = blocks("json", CLIENT_PART)
SERVER_EXAMPLES = blocks("json", SERVER_PART)


def tags(union: object) -> set[str]:
    return {kind.__struct_config__.tag for kind in union.__args__}  # type: ignore[attr-defined]


@pytest.mark.parametrize("example", CLIENT_EXAMPLES)
def test_client_examples_are_what_the_server_takes(example: str) -> None:
    sent = {k: v for k, v in json.loads(encode_event(decode_event(example))).items() if v is not None}
    assert sent == json.loads(example)


@pytest.mark.parametrize("example", SERVER_EXAMPLES)
def test_server_examples_are_what_the_server_sends(example: str) -> None:
    assert encode_event(decode_server_event(example)).decode() == example.strip()


def test_every_event_has_an_example() -> None:
    shown = [{json.loads(e)["type"] for e in examples} for examples in (CLIENT_EXAMPLES, SERVER_EXAMPLES)]
    assert shown == [tags(protocol.ClientMessage), tags(protocol.ServerMessage)]


def test_the_header_is_the_one_we_send() -> None:
    header = bytes.fromhex(blocks("hex")[0])
    assert header == encode_frame(AudioFrame(FrameKind.MICROPHONE, 0, 0, 0, bytes(1280)))[: len(header)]
    assert len(header) == protocol.HEADER.size
    assert decode_frame(header + bytes(1280)).kind is FrameKind.MICROPHONE


def test_the_close_codes_are_all_there() -> None:
    table = PAGE.split("## Close codes")[1].split("##")[0]
    assert {int(code) for code in re.findall(r"\b(1000|1012|4\d{3})\b", table)} == set(map(int, CloseCode))


def test_the_error_codes_are_all_there() -> None:
    known = set()
    for path in SOCKET.glob("*.py"):
        source = path.read_text(encoding="utf-8")
        known |= set(re.findall(r'(?:ProtocolError|_refused|_later|_over_limit)\(\s*"(\w+)"', source))
    known |= set(
        re.findall(r'^    code = "(token_\w+)"', (SOCKET.parent / "auth.py").read_text(), re.MULTILINE)
    )
    table = PAGE.split("## Errors")[1].split("Warnings (")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    documented = set(re.findall(r"`(\w+)`", " ".join(rows)))
    assert documented == known


def test_durable_events_are_named_as_such() -> None:
    sentence = PAGE.split("replays them after a lost connection:")[1].split("Take each")[0]
    durable = {kind.__struct_config__.tag for kind in protocol.DURABLE}
    assert set(re.findall(r"`([\w.]+)`", sentence)) == durable


def test_the_minimal_client_is_short() -> None:
    assert len(blocks("python")[0].strip().splitlines()) <= 75


async def test_the_minimal_client_sits_an_exam(tmp_path: Path) -> None:
    script = tmp_path / "minimal.py"
    script.write_text(blocks("python")[0], encoding="utf-8")
    recording = tmp_path / "answers.raw"
    said = b"\x05\x00" * 16 * 200
    recording.write_bytes(said)

    async def hold(peer: Peer) -> None:
        await peer.begin()
        await peer.send(
            AiReply(
                seq=2,
                utterance_id="u1",
                text="Where do you live?",
                part=1,
                kind="question",
                frame_conformance="verbatim",
                expects_answer=True,
                start_ms=0,
            )
        )
        await peer.speak("u1", bytes(9_600), stream=1, rate=24_000, seq=3)
        await peer.send(TurnState(state="listening"))
        await peer.expect(SessionEnd)
        await peer.send(
            SttFinal(seq=5, utterance_id="p", text="In a flat.", start_ms=0, end_ms=200, words=[]),
            SummaryReady(seq=6, summary={}),
            AnalysisReady(seq=7, analysis_id="a", status="done", url="/api/v1/analysis/sessions/s1"),
        )

    server = ExamServer(script=hold)
    async with server.running():
        server.replies = {
            "POST /api/v1/dev/token": (200, {"access_token": "T"}),
            "POST /api/v1/sessions": (
                201,
                {"id": "s1", "websocket_url": f"ws{server.url.removeprefix('http')}/ws/s1"},
            ),
            "GET /api/v1/analysis/sessions/s1": (200, {"status": "done", "findings": []}),
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(script), str(recording), server.url),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), timeout=30)
    assert process.returncode == 0, err.decode()
    assert "Examiner: Where do you live?\nYou:      In a flat.\n" in out.decode()
    assert '"status": "done"' in out.decode()
    peer = server.peers[0]
    assert peer.authorization == "Bearer T"
    assert isinstance(peer.events[0], AudioConfig)
    assert said in peer.audio
    assert [f.offset_ms for f in peer.frames] == [40 * i for i in range(len(peer.frames))]


def test_unknown_fields_are_refused_as_the_page_says() -> None:
    with pytest.raises(protocol.ProtocolError, match="colour"):
        decode_event(b'{"type":"heartbeat","colour":"blue"}')
