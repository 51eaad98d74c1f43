"""--mode bench resume: connections cut at random over two servers, one of them killed, and what it cost.

Two server processes share one embedded database and one folder of audio, under the supervisor of
`--mode prod --workers 2`; the models are silent, all else is the product's. Learners speak through the
reference client and a proxy that cuts their connections; half way the server that holds the most sessions
is killed with SIGKILL, and another one started in its place. At the end what every client was told is
compared with the log in the database, and the audio that was spoken with the audio that is stored.
"""

import argparse
import asyncio
import hashlib
import json
import os
import random
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict
from urllib.parse import urlsplit
from uuid import UUID

from app.adapters.blob_filesystem import FilesystemBlobStore
from app.adapters.embedded_postgres import EmbeddedPostgres
from app.api.websocket.protocol import AnalysisReady, AudioFrame
from app.modes.child import ChildFailed, child
from app.repositories.database import Database
from app.repositories.live_sessions import PostgresLiveSessions
from app.repositories.schema import apply_schema
from app.services.speech import BYTES_PER_MS, AudioArchive
from bench.parts.chaos_proxy import ChaosProxy
from bench.parts.silent_server import silent_settings
from client import ClientError, LiveExam, Microphone, Reconnect, RestApi, Speech, SystemClock, percentile

SERVERS = "2"
FIRST_WAIT_S = 0.02
NOISE_MS = 1_000
SILENCE_MS = 3_000
ANALYSIS_S = 60.0


class Milliseconds(TypedDict):
    """From noticing the cut to `session.resumed`, the client's own wait included."""

    p50: int | None
    p99: int | None
    max: int | None


class Report(TypedDict):
    """`lost` and `duplicated` count durable events; `unstored_ms` is audio spoken and never stored."""

    sessions: int
    cuts: int
    resumes: int
    killed: int
    lost: int
    duplicated: int
    audio_hash_equal: bool
    unstored_ms: int
    failures: list[str]
    resume_ms: Milliseconds


class HeardMicrophone(Microphone):
    """Remembers what was spoken into it."""

    def __init__(self) -> None:
        super().__init__()
        self.spoken = bytearray()

    def take(self, ts_ms: int = 0) -> AudioFrame:
        """Return the next frame."""
        frame = super().take(ts_ms)
        self.spoken += frame.payload
        return frame


@dataclass(slots=True)
class Sitting:
    """One learner, and what was received of the durable log."""

    user_id: UUID
    session_id: UUID
    exam: LiveExam
    microphone: HeardMicrophone
    seqs: Counter[int] = field(default_factory=Counter)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    failure: str | None = None


def main(argv: Sequence[str]) -> int:
    """Run the benchmark; return 0 if nothing was lost, doubled or changed, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="run.py --mode bench resume", description=__doc__)
    parser.add_argument("--sessions", type=int, default=20, help="concurrent sessions (20)")
    parser.add_argument("--cuts", type=int, default=200, help="connections to cut (200)")
    parser.add_argument("--every-ms", type=int, default=150, help="time between two cuts (150)")
    parser.add_argument("--seed", type=int, default=1, help="for what is drawn by lot (1)")
    parser.add_argument("--no-kill", action="store_true", help="let every server live")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="speakmate-bench-") as folder:
        try:
            with EmbeddedPostgres(Path(folder) / "database") as database:
                apply_schema(
                    database.superuser_conninfo,
                    login_role=database.login_role,
                    login_password=database.login_password,
                )
                report = asyncio.run(_measure(options, database.conninfo, Path(folder)))
        except ChildFailed as failed:
            sys.stderr.write(f"The benchmark did not run: {failed}\n")
            return 1
    as_text = json.dumps(report) if options.json else json.dumps(report, indent=2)
    sys.stdout.write(as_text + "\n")
    kept = report["audio_hash_equal"] and not (report["lost"] or report["duplicated"] or report["failures"])
    return 0 if kept else 1


async def _measure(options: argparse.Namespace, conninfo: str, folder: Path) -> Report:
    dice = random.Random(options.seed)  # noqa: S311 - repeatable, not secret
    async with AsyncExitStack() as stack:
        database = Database(conninfo, max_size=5)
        await database.open()
        stack.push_async_callback(database.close)
        servers = child(
            "bench.parts.silent_workers", [SERVERS], environment=silent_settings(conninfo, folder)
        )
        url = (await stack.enter_async_context(servers)).said["url"]
        address = urlsplit(url)
        proxy = ChaosProxy((address.hostname or "", address.port or 0))
        port = await stack.enter_async_context(proxy.running())
        sittings = [
            await _sitting(url, f"http://127.0.0.1:{port}", number) for number in range(options.sessions)
        ]
        killed = 0
        async with asyncio.TaskGroup() as tasks:
            learners = [tasks.create_task(_sit(sitting, dice)) for sitting in sittings]
            await asyncio.gather(*(sitting.begun.wait() for sitting in sittings))
            while proxy.cuts < options.cuts and not all(learner.done() for learner in learners):
                await asyncio.sleep(options.every_ms / 1000 * dice.uniform(0.5, 1.5))
                proxy.cut(dice)
                if not killed and not options.no_kill and proxy.cuts >= options.cuts // 2:
                    os.kill(await _busiest(database), signal.SIGKILL)
                    killed = 1
            await _end(sittings)
        return await _report(sittings, database, folder / "blobs", proxy.cuts, killed)


async def _busiest(database: Database) -> int:
    """Return the number of the server process that holds the most sessions."""
    async with database.as_service() as connection:
        rows = await (
            await connection.execute("select lease_owner from sessions where lease_owner <> ''")
        ).fetchall()
    ((owner, _),) = Counter(row[0] for row in rows).most_common(1)
    return int(owner.split(":")[1])


async def _sitting(rest_url: str, socket_url: str, number: int) -> Sitting:
    rest = RestApi(rest_url)
    try:
        token = await rest.sign_in(f"learner-{number}")
        user_id = UUID((await rest.me())["id"])
        session_id = UUID((await rest.create_session("full"))["id"])
    finally:
        await rest.aclose()
    microphone = HeardMicrophone()
    rules = Reconnect(first_wait_s=FIRST_WAIT_S)
    exam = LiveExam(
        socket_url, str(session_id), token, clock=SystemClock(), microphone=microphone, reconnect=rules
    )
    return Sitting(user_id, session_id, exam, microphone)


async def _sit(sitting: Sitting, dice: random.Random) -> None:
    try:
        async with sitting.exam as exam:
            await exam.start()
            sitting.begun.set()
            while exam.microphone.queued_ms < 4 * 60 * 1000:
                exam.say(Speech(dice.randbytes(NOISE_MS * BYTES_PER_MS)))
                exam.say(Speech(bytes(SILENCE_MS * BYTES_PER_MS), spans=()))
            async for event in exam:
                if event.seq is not None:
                    sitting.seqs[event.seq] += 1
                if isinstance(event, AnalysisReady):
                    return
    except ClientError as failed:
        sitting.failure = str(failed)
    finally:
        sitting.begun.set()


async def _end(sittings: Sequence[Sitting]) -> None:
    """Let every learner end the exam, however it is connected at the moment, and wait for the analysis."""
    for sitting in sittings:
        try:
            await sitting.exam.end("the benchmark is over")
        except ClientError as failed:
            sitting.failure = sitting.failure or str(failed)

    async def analysed(sitting: Sitting) -> None:
        try:
            await sitting.exam.analysis_ready(ANALYSIS_S)
        except ClientError as failed:
            sitting.failure = sitting.failure or f"no analysis: {failed}"
            await sitting.exam.aclose()

    await asyncio.gather(*(analysed(sitting) for sitting in sittings))


async def _report(
    sittings: Sequence[Sitting], database: Database, blobs: Path, cuts: int, killed: int
) -> Report:
    store, archive = PostgresLiveSessions(database), AudioArchive(FilesystemBlobStore(blobs))
    lost = duplicated = unstored_ms = 0
    equal = True
    for sitting in sittings:
        stored = await store.events_after(sitting.session_id, sitting.user_id, 0, 10_000)
        lost += sum(1 for event in stored if not sitting.seqs[event.seq])
        duplicated += sum(count - 1 for count in sitting.seqs.values())
        stored_ms = await archive.stored_ms(sitting.session_id)
        pcm = await archive.read_pcm(sitting.session_id, 0, stored_ms)
        spoken = bytes(sitting.microphone.spoken)
        equal = equal and _digest(pcm) == _digest(spoken[: len(pcm)])
        unstored_ms += (len(spoken) - len(pcm)) // BYTES_PER_MS
    waits = [ms for sitting in sittings for ms in sitting.exam.resumed_after_ms]
    return Report(
        sessions=len(sittings),
        cuts=cuts,
        resumes=len(waits),
        killed=killed,
        lost=lost,
        duplicated=duplicated,
        audio_hash_equal=equal and unstored_ms == 0,
        unstored_ms=unstored_ms,
        failures=[sitting.failure for sitting in sittings if sitting.failure],
        resume_ms=Milliseconds(
            p50=percentile(waits, 0.5), p99=percentile(waits, 0.99), max=percentile(waits, 1.0)
        ),
    )


def _digest(pcm: bytes) -> str:
    return hashlib.sha256(pcm).hexdigest()
