"""Whole exams with Google's recogniser, voice and Gemini, and everything that can go wrong with them.

The application is the real one on a real socket, with a real database; the reference client sits the exam,
and Google's own clients speak to local servers that speak its protocols.

The exam's clock runs at SPEED; what the learner says is read from the sound, so a lost piece would be missed.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import grpc
import psycopg
import pytest
import uvicorn

from app.adapters import google_speech, google_voice
from app.adapters.blob_filesystem import FilesystemBlobStore
from app.adapters.embedded_postgres import EmbeddedPostgres
from app.adapters.google_speech import GoogleRecogniser
from app.adapters.local_speech import LocalSpeech
from app.adapters.local_speech.standby import Standby
from app.adapters.spacy_parser import SpacyParser
from app.api.websocket.protocol import AudioFrame
from app.config import Settings
from app.engines import Engines, SpeechEngines
from app.main import create_app
from app.modes.uvicorn_socket import MicrophoneSocket
from app.services.analysis_coordinator import TurnAnalyzer
from app.services.sample_learner import SampleAnswer, SampleQuestion
from app.services.speech import AudioArchive, Deferred, DeferredVoice
from app.services.storage import BlobStore
from app.speech_providers import SpeechMeter, WithGoogle
from bench.parts.plain_activity import PlainActivity
from client import ExamClient, Microphone, Speech
from demo.conductor import Conductor
from demo.unseen import Unseen
from tests.fakes.engines import FakeRecogniser, FakeVoice, Phrasebook
from tests.fakes.google_speech_server import GoogleSpeechServer, Leg, serving
from tests.fakes.google_voice_server import GoogleVoiceServer, voice_serving
from tests.fakes.model_server import Asked, ModelServer, Step, model_server
from tests.fakes.scripted_model import proposal, reply
from tests.fast_time import LoopClock, fast_time

SPEED = 6
PATIENT = google_speech.Pacing(stalled_s=6.0 * SPEED, finish_s=4.0 * SPEED)
"""Google's servers are local, and as quick as ever."""
SAYS = (
    "my name is Dilnoza Karimova and you can call me Dilnoza",
    "I live in the old town of Samarkand with my parents and two brother",
    "every morning I go to work by bus because the metro is too far",
    "when I was a child we go to the mountains in the summer",
    "people there is very friendly and they always help each other",
    "I prefer quiet places since I can think about my plans there",
    "last year my uncle buyed a new house near the river",
    "in the future I would like to study medicine in another country",
)


class Speaker:
    """A learner who says one sentence after the other, word by word what `said` keeps."""

    prepares = False
    left_ms = None

    def __init__(self, book: Phrasebook) -> None:
        self._book = book
        self.said: list[str] = []

    def answer(self, question: SampleQuestion) -> SampleAnswer:
        text = SAYS[len(self.said) % len(SAYS)]
        self.said.append(text)
        return SampleAnswer(Speech(self._book.speak(text)), text, says_so=True)

    def turn_taken(self, heard_ms: int) -> None:
        """Nobody interrupts answers as short as these."""


class Recording(Unseen):
    """A View that keeps the warnings."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


@dataclass
class Sat:
    """An exam that was sat: what was said, told, sent and stored."""

    said: list[str]
    notes: list[str]
    session: dict[str, Any]
    analysis: dict[str, Any]
    sent: bytes
    stored: bytes
    metrics: str

    @property
    def transcripts(self) -> list[str]:
        """What the learner's turns have, in order."""
        return [turn["text"] for turn in self.session["turns"] if turn["speaker"] == "learner"]


@dataclass
class Cloud:
    """Everything that the product buys."""

    gemini: ModelServer
    book: Phrasebook = field(default_factory=Phrasebook)
    speech: GoogleSpeechServer = field(init=False)
    voice: GoogleVoiceServer = field(default_factory=lambda: GoogleVoiceServer(sound=bytes(24_000)))

    def __post_init__(self) -> None:
        self.speech = GoogleSpeechServer(self.book)


@pytest.fixture
def gemini() -> Iterator[ModelServer]:
    with model_server() as running:
        yield running


@pytest.fixture(autouse=True)
def empty_queue(superuser: psycopg.Connection) -> None:
    superuser.execute("truncate jobs, analyses")


class Stage:
    """Where exams are sat."""

    def __init__(
        self, postgres: EmbeddedPostgres, folder: Path, parser: SpacyParser, patch: pytest.MonkeyPatch
    ) -> None:
        self._postgres = postgres
        self._folder = folder
        self._parser = parser
        self._patch = patch

    async def sit(self, cloud: Cloud, *, mode: str = "quick") -> Sat:
        """Sit an exam to the end of its analysis."""
        async with self._serving(cloud) as url, ExamClient(url, clock=LoopClock()) as client:
            await client.wait_until_ready(600)
            await client.sign_in("dilnoza")
            created = await client.create_session(mode, clock="short")
            session_id = UUID(created["id"])
            speaker, view, sent = Speaker(cloud.book), Recording(), _Sent()
            async with client.exam(str(session_id), microphone=sent) as exam:
                await exam.start()
                await Conductor(exam, speaker, view).run()
            analysis = await client.analysis(str(session_id), timeout_s=600)
            session = await client.rest.session(str(session_id))
            metrics = (await client.rest._http.get("/metrics")).text
        archive = AudioArchive(FilesystemBlobStore(self._folder / "blobs"))
        stored = await archive.read_pcm(session_id, 0, await archive.stored_ms(session_id))
        return Sat(speaker.said, view.notes, session, analysis, bytes(sent.pcm), stored, metrics)

    @asynccontextmanager
    async def _serving(self, cloud: Cloud) -> AsyncIterator[str]:
        settings = Settings(
            _env_file=None,  # type: ignore[call-arg]
            environment="test",
            data_dir=self._folder,
            database_url=self._postgres.conninfo,
            google_cloud_project="speakmate",
            google_api_key="key",
            gemini_base_url=cloud.gemini.url,
        )
        async with AsyncExitStack() as stack:
            ears = await stack.enter_async_context(serving(cloud.speech))
            voice = await stack.enter_async_context(voice_serving(cloud.voice))

            async def connect(client: Any) -> Any:
                return client

            self._patch.setattr(google_speech, "connect", lambda location: connect(ears))
            self._patch.setattr(google_voice, "connect", lambda: connect(voice))
            self._patch.setattr(google_speech, "GoogleRecogniser", partial(GoogleRecogniser, pacing=PATIENT))
            app = create_app(settings, Engines(self._speech(cloud.book), self._analyzer, _no_assessor))
            config = uvicorn.Config(
                app, ws=MicrophoneSocket, ws_per_message_deflate=False, log_config=None, loop="none"
            )
            server = uvicorn.Server(config)
            server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            tasks = await stack.enter_async_context(asyncio.TaskGroup())
            tasks.create_task(server.serve(sockets=[listener]))
            try:
                yield f"http://127.0.0.1:{listener.getsockname()[1]}"
            finally:
                server.should_exit = server.force_exit = True

    def _analyzer(self, speech: SpeechEngines) -> TurnAnalyzer:
        return TurnAnalyzer(self._parser)

    @staticmethod
    def _speech(book: Phrasebook) -> Any:
        def made(settings: Settings, blobs: BlobStore, meter: SpeechMeter) -> SpeechEngines:
            return WithGoogle(settings, LocalParts(settings.data_dir, book), blobs, meter)

        return made


class LocalParts(LocalSpeech):
    """The local engines as with Google: loaded when they are needed. They read the sound, too."""

    def __init__(self, folder: Path, book: Phrasebook) -> None:
        super().__init__(folder, later=("recogniser", "voice"))
        ears, voice = Standby("recogniser", lambda: book), Standby("voice", lambda: book)
        self.speech_to_text = Deferred(FakeRecogniser(book, final_s=0.05), ears)
        self.text_to_speech = DeferredVoice(QuickVoice(), voice)
        self.voice_activity = PlainActivity()
        self._activity = Standby("activity", object)  # type: ignore[arg-type]
        self._standby = {"recogniser": ears, "voice": voice}  # type: ignore[dict-item]


class QuickVoice(FakeVoice):
    """Says any line in half a second, so that exams are short."""

    sample_rate = 24_000

    async def stream(self, text: str) -> AsyncIterator[bytes]:
        self.spoken.append(text)
        yield bytes(24_000)


class _Sent(Microphone):
    """A microphone that keeps what it gave."""

    def __init__(self) -> None:
        super().__init__(frame_ms=100)
        self.pcm = bytearray()

    def take(self, ts_ms: int = 0) -> AudioFrame:
        frame = super().take(ts_ms)
        self.pcm += frame.payload
        return frame


async def _no_assessor(settings: Settings, speech: SpeechEngines) -> None:
    """How anything was said is not assessed here."""


@pytest.fixture
def stage(
    postgres: EmbeddedPostgres, tmp_path: Path, parser: SpacyParser, monkeypatch: pytest.MonkeyPatch
) -> Stage:
    return Stage(postgres, tmp_path, parser, monkeypatch)


def assert_nothing_is_lost(sat: Sat) -> None:
    """Every word in its turn, every sample in the store, and an analysis of it all."""
    assert sat.transcripts == sat.said
    assert len(sat.said) >= 5
    assert sat.stored == sat.sent[: len(sat.stored)]
    spoken = sat.sent.rstrip(b"\0")
    assert len(sat.stored) >= len(spoken)
    assert sat.session["status"] == "ended"
    assert sat.session["end_reason"] == "completed"
    assert sat.analysis["status"] == "done"


def says(asked: Asked) -> Step:
    """A model that finds one mistake by the words, one that nobody said, and words follow-ups badly."""
    if "two brother" in asked.user:
        wrong = proposal("I has a dogs", "I have dogs")
        return Step(reply([proposal("two brother", "two brothers", category="R:NOUN:NUM"), wrong]))
    return Step(reply())


def test_an_exam_over_google_with_everything_that_passes_going_wrong(
    stage: Stage, gemini: ModelServer
) -> None:
    @fast_time(SPEED)
    async def run() -> None:
        cloud = Cloud(gemini)
        cloud.speech.legs = [
            Leg(),
            Leg(cut_ms=1_450, status=grpc.StatusCode.UNAVAILABLE),  # reset in the middle of a word
            Leg(refuse=grpc.StatusCode.RESOURCE_EXHAUSTED),
            Leg(),
            Leg(refuse=grpc.StatusCode.UNAVAILABLE),
            Leg(),
            Leg(cut_ms=2_000),  # the five minutes are over
            Leg(),
            Leg(cut_ms=900, ends=True),
        ]
        cloud.speech.first_answer_ms = 2_500
        cloud.voice.faults = [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED]
        gemini.steps = [Step(status=503), Step("{not json"), Step(reply([proposal("never said", "x")]))]
        gemini.then = says
        sat = await stage.sit(cloud)
        assert_nothing_is_lost(sat)
        assert len(cloud.speech.heard_ms) > 8
        assert max(cloud.speech.sizes) <= 25 * 1024
        assert not [note for note in sat.notes if "recogniser" in note]
        quotes = {finding["quote"] for finding in sat.analysis["findings"] if finding["source"] == "llm"}
        assert "I has a dogs" not in quotes
        assert "never said" not in quotes
        conditions = sat.analysis["result"]["conditions"]["llm"]
        assert conditions["status"] in ("complete", "partial")
        assert 'speakmate_stt_seconds_total{provider="google_speech"}' in sat.metrics
        assert "speakmate_stt_substituted_total 0.0" in sat.metrics

    run()


def test_with_all_providers_down_the_exam_is_held_by_the_local_parts(
    stage: Stage, gemini: ModelServer
) -> None:
    @fast_time(SPEED)
    async def run() -> None:
        cloud = Cloud(gemini)
        cloud.speech.always = grpc.StatusCode.UNAVAILABLE
        cloud.voice.always = grpc.StatusCode.UNAVAILABLE
        gemini.then = lambda asked: Step(status=503)
        sat = await stage.sit(cloud)
        assert_nothing_is_lost(sat)
        assert len([note for note in sat.notes if "recogniser" in note]) == 1
        assert sat.analysis["result"]["conditions"]["llm"]["used"] is False
        assert 'speakmate_helper_up{name="google_speech"} 0.0' in sat.metrics

    run()
