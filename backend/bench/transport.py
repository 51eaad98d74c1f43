"""--mode bench transport: what a session costs the server, in processor time a frame and in memory.

The server is a process of its own with the product's handlers, actors and writers, real sockets, and fakes in
the place of the models; its sessions are in memory, its audio in a folder. This process is the learners: each
sends silence in real time and a heartbeat every second, and reads all it gets.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

import httpx
import msgspec
import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from app.api.websocket.codec import encode_event, encode_frame
from app.api.websocket.protocol import AudioConfig, AudioFrame, ClientHeartbeat, FrameKind, SessionStart
from app.modes.child import ChildFailed, child
from app.services.speech import BYTES_PER_MS
from client import percentile

WARM_UP_SESSIONS = 10
WARM_UP_S = 3.0
IDLE_S = 2.0
HEARTBEAT_S = 1.0
SHARE_OF_A_CORE = 0.7
"""How much of a core may be planned with."""
HEARTBEAT = encode_event(ClientHeartbeat()).decode()


class Report(TypedDict):
    """`us_per_frame` is server processor time beyond idle, everything a session does included."""

    us_per_frame: float
    kb_per_session: float
    sessions_per_core: int
    n: int
    frame_ms: int
    seconds: float
    frames: int
    lost_connections: int
    closed: dict[str, int]
    p99_control_ms: int | None
    p50_control_ms: int | None
    store: str
    blobs: str


@dataclass(frozen=True, slots=True)
class Pace:
    """How a learner streams; `phase_s` keeps their frames from coming all at once."""

    seconds: float
    frame_ms: int
    phase_s: float


@dataclass(slots=True)
class Load:
    """What the learners saw."""

    frames: int = 0
    closed: Counter[str] = field(default_factory=Counter)
    echoes_ms: list[float] = field(default_factory=list)


def main(argv: Sequence[str]) -> int:
    """Run the benchmark; return 0 if every session stayed connected, 1 if not."""
    parser = argparse.ArgumentParser(prog="run.py --mode bench transport", description=__doc__)
    parser.add_argument("--sessions", type=int, default=200, help="concurrent sessions (200)")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long they stream (30)")
    parser.add_argument("--frame-ms", type=int, default=20, help="length of a microphone frame (20)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            report = runner.run(_measure(options.sessions, options.seconds, options.frame_ms))
    except ChildFailed as failed:
        sys.stderr.write(f"The benchmark did not run: {failed}\n")
        return 1
    sys.stdout.write((json.dumps(report) if options.json else _in_words(report)) + "\n")
    return 0 if report["lost_connections"] == 0 else 1


def _in_words(report: Report) -> str:
    return "\n".join(f"{name:18} {value}" for name, value in report.items())


async def _measure(sessions: int, seconds: float, frame_ms: int) -> Report:
    async with (
        child("bench.parts.transport_server", [str(sessions)]) as server,
        httpx.AsyncClient(base_url=server.said["url"], trust_env=False, timeout=60) as http,
    ):
        await _stream(http, WARM_UP_SESSIONS, WARM_UP_S, frame_ms)
        before_idle = await _usage(http)
        await asyncio.sleep(IDLE_S)
        before = await _usage(http)
        idle_share = (before["cpu_s"] - before_idle["cpu_s"]) / IDLE_S
        load, during, wall_s = await _stream(http, sessions, seconds, frame_ms)
    cpu_s = during["cpu_s"] - before["cpu_s"] - idle_share * wall_s
    us_per_frame = cpu_s / max(1, load.frames) * 1e6
    return Report(
        us_per_frame=round(us_per_frame, 1),
        kb_per_session=round((during["rss_bytes"] - before["rss_bytes"]) / sessions / 1000, 1),
        sessions_per_core=int(SHARE_OF_A_CORE * 1e6 / (us_per_frame * 1000 / frame_ms)),
        n=sessions,
        frame_ms=frame_ms,
        seconds=seconds,
        frames=load.frames,
        lost_connections=load.closed.total(),
        closed=dict(load.closed),
        p99_control_ms=percentile(load.echoes_ms, 0.99),
        p50_control_ms=percentile(load.echoes_ms, 0.5),
        store="memory",
        blobs="folder",
    )


async def _usage(http: httpx.AsyncClient) -> dict[str, Any]:
    used: dict[str, Any] = (await http.get("/usage")).raise_for_status().json()
    return used


async def _stream(
    http: httpx.AsyncClient, count: int, seconds: float, frame_ms: int
) -> tuple[Load, dict[str, Any], float]:
    """Let `count` learners stream; return what they saw, the server's usage, and how long it took.

    Connecting is part of it: the handshake belongs to what a session costs.
    """
    created = (await http.post("/sessions", params={"count": count})).raise_for_status().json()
    load = Load()
    began = time.monotonic()
    url = str(http.base_url).replace("http", "ws", 1).rstrip("/")
    gate = asyncio.Semaphore(20)
    release = asyncio.Event()
    connected: list[ClientConnection] = []
    async with asyncio.TaskGroup() as tasks:
        for session in created:
            tasks.create_task(_connect(url, session, gate, connected))
    async with asyncio.TaskGroup() as tasks:
        for number, socket in enumerate(connected):
            pace = Pace(seconds, frame_ms, phase_s=frame_ms / 1000 * number / count)
            tasks.create_task(_learner(socket, pace, load, release))
        await asyncio.sleep(seconds + frame_ms / 1000)
        during = await _usage(http)
        release.set()
    return load, during, time.monotonic() - began


async def _connect(
    url: str, session: dict[str, str], gate: asyncio.Semaphore, connected: list[ClientConnection]
) -> None:
    async with gate:
        connected.append(
            await connect(
                f"{url}/ws/{session['id']}",
                additional_headers={"Authorization": f"Bearer {session['token']}"},
                compression=None,
                proxy=None,
                ping_interval=None,
            )
        )


async def _learner(socket: ClientConnection, pace: Pace, load: Load, release: asyncio.Event) -> None:
    asked: list[float] = []
    started = asyncio.Event()
    reader = asyncio.create_task(_read(socket, asked, started, load))
    try:
        await socket.send(encode_event(AudioConfig(frame_ms=pace.frame_ms)).decode())
        await socket.send(encode_event(SessionStart(seq=1)).decode())
        await started.wait()
        await _talk(socket, pace, asked, load)
        await release.wait()
    except ConnectionClosed as closed:
        load.closed[str(closed)] += 1
    finally:
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
        socket.transport.abort()


async def _talk(socket: ClientConnection, pace: Pace, asked: list[float], load: Load) -> None:
    frame_ms = pace.frame_ms
    silence = bytes(frame_ms * BYTES_PER_MS)
    every = max(1, round(HEARTBEAT_S * 1000 / frame_ms))
    due = time.monotonic() + pace.phase_s
    for number in range(round(pace.seconds * 1000 / frame_ms)):
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        due += frame_ms / 1000
        await socket.send(
            encode_frame(AudioFrame(FrameKind.MICROPHONE, 0, number, number * frame_ms, silence))
        )
        load.frames += 1
        if number % every == 0 and not asked:
            asked.append(time.monotonic())
            await socket.send(HEARTBEAT)


async def _read(socket: ClientConnection, asked: list[float], started: asyncio.Event, load: Load) -> None:
    try:
        async for message in socket:
            if isinstance(message, bytes):
                continue
            match msgspec.json.decode(message).get("type"):
                case "heartbeat" if asked:
                    load.echoes_ms.append((time.monotonic() - asked.pop()) * 1000)
                case "session.started":
                    started.set()
                case _:
                    pass
    finally:
        started.set()
