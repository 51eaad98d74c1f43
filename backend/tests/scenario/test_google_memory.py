"""What processes hold in memory where Google hears and speaks: real processes, real voice activity."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from app.adapters.embedded_postgres import EmbeddedPostgres
from app.adapters.local_speech import SpeechModels
from app.api.websocket.protocol import SttFinal, SummaryReady, TurnState
from app.config import BACKEND
from app.lease_owner import new_start
from app.modes.child import Child, child
from app.services.speech import BYTES_PER_MS, Word
from client import ExamClient, Speech
from tests.adapters.local_speech.aloud import SENTENCES, say
from tests.fakes.engines import Phrasebook
from tests.fakes.google_speech_server import GoogleSpeechServer, listening
from tests.fakes.google_voice_server import GoogleVoiceServer, voice_listening

MAX_MB = 250
WORD_MS = 400

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


class Hearsay(Phrasebook):
    """Takes any sound for the same words again and again."""

    def words(self, pcm: bytes, start_ms: int) -> list[Word]:
        said = SENTENCES[0].split()
        count = len(pcm) // BYTES_PER_MS // WORD_MS
        return [
            Word(said[n % len(said)], start_ms + n * WORD_MS, start_ms + (n + 1) * WORD_MS, 0.9)
            for n in range(count)
        ]


def rss_mb(pid: int) -> float:
    """Return what the process has in memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) / 1024


@pytest.fixture(autouse=True)
def empty_queue(superuser: psycopg.Connection) -> None:
    superuser.execute("truncate jobs, analyses")


def google(postgres: EmbeddedPostgres, folder: Path) -> dict[str, str]:
    """Return the environment of a process with Google set up."""
    return {
        "ENVIRONMENT": "dev",
        "DATABASE_URL": postgres.conninfo,
        "DATA_DIR": str(folder),
        "GOOGLE_CLOUD_PROJECT": "speakmate",
        "LLM_PROVIDERS": "gemini",
        "GOOGLE_API_KEY": "key",
        "GEMINI_BASE_URL": "http://127.0.0.1:9",
        "PYTHONPATH": str(BACKEND),
    }


@asynccontextmanager
async def a_server(environment: dict[str, str]) -> AsyncIterator[Child]:
    async with AsyncExitStack() as stack:
        ears = await stack.enter_async_context(listening(GoogleSpeechServer(Hearsay())))
        voice = await stack.enter_async_context(voice_listening(GoogleVoiceServer(sound=bytes(24_000))))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            running = await stack.enter_async_context(
                child(
                    "tests.fakes.google_server_process",
                    [str(listener.fileno()), new_start()],
                    environment={**environment, "GOOGLE_FAKES": f"{ears},{voice}"},
                    pass_fds=[listener.fileno()],
                )
            )
        yield running


async def test_a_server_stays_small_through_an_exam_and_its_analysis(
    postgres: EmbeddedPostgres, tmp_path: Path, speech_models: SpeechModels
) -> None:
    answer = say(speech_models, SENTENCES[0], pause_ms=200)
    async with a_server(google(postgres, tmp_path)) as server, ExamClient(server.said["url"]) as client:
        await client.wait_until_ready(180)
        state = (await client.rest._http.get("/ready")).json()
        assert state["asleep"] == ["analysis", "recogniser", "voice"]
        before_mb = rss_mb(server.pid)
        await client.sign_in("small")
        session_id = (await client.create_session("quick", clock="short"))["id"]
        async with asyncio.timeout(180), client.exam(session_id) as exam:
            await exam.start()
            async for event in exam:
                if isinstance(event, TurnState) and event.state == "listening":
                    exam.say(Speech(answer))
                elif isinstance(event, SttFinal):
                    await exam.end()
                elif isinstance(event, SummaryReady):
                    break
        analysis = await client.analysis(session_id, timeout_s=120)
        state = (await client.rest._http.get("/ready")).json()
        after_mb = rss_mb(server.pid)
    assert analysis["status"] == "done"
    assert state["asleep"] == ["recogniser", "voice"]  # Google heard and spoke
    assert max(before_mb, after_mb) < MAX_MB


async def test_a_worker_stays_small(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from app.config import Settings; from app.log import configure_logging;"
        "from app.workers.run import main; configure_logging('info', json_lines=False); main(Settings())",
        env=os.environ | google(postgres, tmp_path),
        cwd=BACKEND,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(180):
            while b"worker.ready" not in (line := await process.stderr.readline()):
                assert line, "the worker did not start"
        size_mb = rss_mb(process.pid)
    finally:
        process.terminate()
        await process.communicate()
    assert size_mb < MAX_MB
