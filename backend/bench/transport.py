"""--mode bench transport: what a session costs the server, in processor time a frame and in memory.

The server is a process of its own with the product's handlers, actors and writers, real sockets, and fakes in
the place of the models; its sessions are in memory, its audio in a folder. This process is the learners: they
come one after another, as people do, and when all are there each sends silence in real time and a heartbeat
every second, and reads all it gets.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from statistics import fmean
from typing import Any, TypedDict

import httpx
import msgspec
import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from app.api.websocket.codec import encode_event, encode_frame
from app.api.websocket.protocol import AudioConfig, AudioFrame, ClientHeartbeat, FrameKind, SessionStart
from app.modes.child import Child, ChildFailed, child
from app.services.speech import BYTES_PER_MS
from client import percentile

SERVER = "bench.parts.transport_server"
WARM_UP_SESSIONS = 10
WARM_UP_S = 3.0
IDLE_S = 2.0
ARRIVING_S = 10.0
"""Learners who had all come within a second would stay in step: two hundred examiners fall silent at once."""

HEARTBEAT_S = 1.0
WEIGHED_EVERY_S = 1.0
ACKNOWLEDGED_WITHIN_S = 15.0
SHARE_OF_A_CORE = 0.7
"""How much of a core may be planned with."""
HEARTBEAT = encode_event(ClientHeartbeat()).decode()


class Report(TypedDict):
    """`us_per_frame` is server processor time beyond idle, everything a session does included.

    `kb_per_session` is the growth of the server's resident memory, on average over the second half. Where
    `p99_late_ms`, how late the learners were with their own frames, is not small, the machine had too little
    time for both, and times are not to be trusted.
    """

    us_per_frame: float
    kb_per_session: float
    sessions_per_core: int
    n: int
    frame_ms: int
    seconds: float
    frames: int
    lost_connections: int
    closed: dict[str, int]
    unacknowledged: int
    p99_control_ms: int | None
    p50_control_ms: int | None
    p99_late_ms: int | None
    store: str
    blobs: str


@dataclass(frozen=True, slots=True)
class Pace:
    """How a learner streams; `phase_s` keeps what they send every second from coming all at once."""

    seconds: float
    frame_ms: int
    phase_s: float

    @property
    def frames(self) -> int:
        """How many there are."""
        return round(self.seconds * 1000 / self.frame_ms)


@dataclass(slots=True)
class Load:
    """What the learners saw. `waiting` are those whose sound is not yet acknowledged, `rss` samples."""

    frames: int = 0
    waiting: int = 0
    closed: Counter[str] = field(default_factory=Counter)
    echoes_ms: list[float] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)
    rss: list[int] = field(default_factory=list)
    all_stored: asyncio.Event = field(default_factory=asyncio.Event)

    def stored_one(self) -> None:
        """All of a learner's sound is acknowledged."""
        self.waiting -= 1
        if self.waiting == 0:
            self.all_stored.set()


def main(argv: Sequence[str]) -> int:
    """Run the benchmark; return 0 if every session stayed connected and was stored, 1 if not."""
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
    return 1 if report["lost_connections"] or report["unacknowledged"] else 0


def _in_words(report: Report) -> str:
    return "\n".join(f"{name:18} {value}" for name, value in report.items())


async def _measure(sessions: int, seconds: float, frame_ms: int) -> Report:
    async with (
        _server(sessions) as server,
        httpx.AsyncClient(base_url=server.said["url"], trust_env=False, timeout=60) as http,
    ):
        await _stream(http, WARM_UP_SESSIONS, WARM_UP_S, frame_ms, arriving_s=0.0)
        before_idle = await _usage(http)
        await asyncio.sleep(IDLE_S)
        before = await _usage(http)
        idle_share = (before["cpu_s"] - before_idle["cpu_s"]) / IDLE_S
        load, after, wall_s = await _stream(http, sessions, seconds, frame_ms, arriving_s=ARRIVING_S)
    cpu_s = after["cpu_s"] - before["cpu_s"] - idle_share * wall_s
    us_per_frame = cpu_s / max(1, load.frames) * 1e6
    settled = load.rss[len(load.rss) // 2 :] or [after["rss_bytes"]]
    return Report(
        us_per_frame=round(us_per_frame, 1),
        kb_per_session=round((fmean(settled) - before["rss_bytes"]) / sessions / 1000, 1),
        sessions_per_core=int(SHARE_OF_A_CORE * 1e6 / (us_per_frame * 1000 / frame_ms)),
        n=sessions,
        frame_ms=frame_ms,
        seconds=seconds,
        frames=load.frames,
        lost_connections=load.closed.total(),
        closed=dict(load.closed),
        unacknowledged=load.waiting,
        p99_control_ms=percentile(load.echoes_ms, 0.99),
        p50_control_ms=percentile(load.echoes_ms, 0.5),
        p99_late_ms=percentile(load.late_ms, 0.99),
        store="memory",
        blobs="folder",
    )


@asynccontextmanager
async def _server(sessions: int) -> AsyncIterator[Child]:
    """Run the server with modules that an earlier start of it has compiled.

    Compiling leaves megabytes free in its heap; sessions would use those first, and seem to cost nothing.
    """
    with tempfile.TemporaryDirectory(prefix="speakmate-bench-") as compiled:
        environment = {"PYTHONPYCACHEPREFIX": compiled, "PYTHONDONTWRITEBYTECODE": ""}
        async with child(SERVER, [str(sessions)], environment=environment):
            pass
        async with child(SERVER, [str(sessions)], environment=environment) as server:
            yield server


async def _usage(http: httpx.AsyncClient) -> dict[str, Any]:
    used: dict[str, Any] = (await http.get("/usage")).raise_for_status().json()
    return used


async def _stream(
    http: httpx.AsyncClient, count: int, seconds: float, frame_ms: int, *, arriving_s: float
) -> tuple[Load, dict[str, Any], float]:
    """Let `count` learners come within `arriving_s` and stream.

    Return what they saw, the server's usage, and how long it took.

    Connecting and starting the exams is part of what a session costs, and so is storing: the end is when all
    sound but the last second is acknowledged.
    """
    created = (await http.post("/sessions", params={"count": count})).raise_for_status().json()
    load = Load()
    began = time.monotonic()
    sockets = str(http.base_url).replace("http", "ws", 1).rstrip("/")
    gate = asyncio.Semaphore(20)
    release = asyncio.Event()
    beginning: list[asyncio.Task[Learner]] = []
    async with asyncio.TaskGroup() as tasks:
        for number, session in enumerate(created):
            pace = Pace(seconds, frame_ms, phase_s=number / count)
            url = f"{sockets}/ws/{session['id']}"
            begun = _begin(url, session["token"], gate, partial(Learner, pace, load))
            beginning.append(tasks.create_task(begun))
            await asyncio.sleep(arriving_s / count)
    learners = [each.result() for each in beginning]
    async with asyncio.TaskGroup() as tasks:
        load.waiting = len(learners)
        for learner in learners:
            tasks.create_task(learner.run(release))
        weighing = tasks.create_task(_weigh(http, load))
        await asyncio.sleep(seconds)
        weighing.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(ACKNOWLEDGED_WITHIN_S):
                await load.all_stored.wait()
        after = await _usage(http)
        wall_s = time.monotonic() - began
        release.set()
    return load, after, wall_s


async def _weigh(http: httpx.AsyncClient, load: Load) -> None:
    while True:
        await asyncio.sleep(WEIGHED_EVERY_S)
        load.rss.append((await _usage(http))["rss_bytes"])


async def _begin(
    url: str, token: str, gate: asyncio.Semaphore, learner_of: Callable[[ClientConnection], "Learner"]
) -> "Learner":
    """Connect a learner and start the exam."""
    async with gate:
        socket = await connect(
            url,
            additional_headers={"Authorization": f"Bearer {token}"},
            compression=None,
            proxy=None,
            ping_interval=None,
        )
        learner = learner_of(socket)
        await learner.begin()
        return learner


class Learner:
    """One learner: sends silence as it would be recorded, and reads all that comes."""

    def __init__(self, pace: Pace, load: Load, socket: ClientConnection) -> None:
        self._socket = socket
        self._pace = pace
        self._load = load
        self._started = asyncio.Event()
        self._reader = asyncio.create_task(self._read())
        self._asked: float | None = None
        self._acknowledged = False

    async def begin(self) -> None:
        """Start the exam."""
        try:
            await self._socket.send(encode_event(AudioConfig(frame_ms=self._pace.frame_ms)).decode())
            await self._socket.send(encode_event(SessionStart(seq=1)).decode())
            await self._started.wait()
        except ConnectionClosed as closed:
            self._load.closed[str(closed)] += 1

    async def run(self, release: asyncio.Event) -> None:
        """Talk, and be there until released."""
        try:
            await self._talk()
            await release.wait()
        except ConnectionClosed as closed:
            self._load.closed[str(closed)] += 1
        finally:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
            self._socket.transport.abort()

    async def _talk(self) -> None:
        pace, load = self._pace, self._load
        silence = bytes(pace.frame_ms * BYTES_PER_MS)
        every = max(1, round(HEARTBEAT_S * 1000 / pace.frame_ms))
        due = time.monotonic() + pace.phase_s
        for number in range(pace.frames):
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if number % every == 0:
                load.late_ms.append((time.monotonic() - due) * 1000)
                await self._ask()
            due += pace.frame_ms / 1000
            frame = AudioFrame(FrameKind.MICROPHONE, 0, number, number * pace.frame_ms, silence)
            self._send(encode_frame(frame))
            load.frames += 1

    def _send(self, message: bytes) -> None:
        """Send a binary message past the library, whose work would take the server's time here.

        RFC 6455 section 5.2; masked with zeros.
        """
        header = bytes((0x82, 0x80 | 126)) + len(message).to_bytes(2) + bytes(4)
        self._socket.transport.write(header + message)

    async def _ask(self) -> None:
        if self._asked is None:
            self._asked = time.monotonic()
            await self._socket.send(HEARTBEAT)

    async def _read(self) -> None:
        nearly_all_ms = int(self._pace.seconds * 1000) - 1000
        try:
            async for message in self._socket:
                if isinstance(message, bytes):
                    continue
                event = msgspec.json.decode(message)
                match event.get("type"):
                    case "heartbeat" if self._asked is not None:
                        self._load.echoes_ms.append((time.monotonic() - self._asked) * 1000)
                        self._asked = None
                    case "ack" if event["received_ms"] >= nearly_all_ms and not self._acknowledged:
                        self._acknowledged = True
                        self._load.stored_one()
                    case "session.started":
                        self._started.set()
                    case _:
                        pass
        finally:
            self._started.set()
