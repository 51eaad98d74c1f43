"""Google's own client against a local server that speaks the protocol, and the voice behind it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import grpc
import pytest
from google.cloud.texttospeech_v1 import TextToSpeechAsyncClient, types
from google.cloud.texttospeech_v1.services.text_to_speech.transports import (
    TextToSpeechGrpcAsyncIOTransport,
)

from app.adapters.google_voice import GoogleVoice
from app.services.language_model import Breaker
from app.services.speech import BoughtVoice, SynthesisFailed
from tests.fakes.engines import FakeVoice
from tests.fakes.memory_blobs import MemoryBlobs

LINE = "Where do you live?"
SOUND = bytes(range(250)) * 100


@dataclass
class Voices:
    """The service; the next calls end with `faults`, and `hangs` never ends one."""

    faults: list[grpc.StatusCode] = field(default_factory=list)
    hangs: bool = False
    sound: bytes = SOUND
    asked: list[types.SynthesizeSpeechRequest] = field(default_factory=list)

    async def say(
        self,
        request: types.SynthesizeSpeechRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> types.SynthesizeSpeechResponse:
        self.asked.append(request)
        if self.hangs:
            await asyncio.Event().wait()
        if self.faults:
            await context.abort(self.faults.pop(0), "not now")
        return types.SynthesizeSpeechResponse(audio_content=self.sound)


class Stage:
    """A bought voice with its parts."""

    def __init__(self, served: Voices, client: TextToSpeechAsyncClient) -> None:
        self.served = served
        self.characters = 0
        self.local = FakeVoice()
        self.kept = MemoryBlobs()
        google = GoogleVoice(client, "en-GB-Neural2-B", timeout_s=0.3, on_sent=self._count)
        self.google = google
        self.breaker = Breaker(asyncio.get_running_loop().time)
        self.voice = BoughtVoice(
            google,
            "en-GB-Neural2-B",
            self.local,
            self.breaker,
            self.kept,
            lasting=lambda text: "sister" not in text,
        )

    def _count(self, characters: int) -> None:
        self.characters += characters

    async def line(self, text: str = LINE) -> bytes:
        return b"".join([chunk async for chunk in self.voice.stream(text)])


@asynccontextmanager
async def stage(served: Voices) -> AsyncIterator[Stage]:
    server = grpc.aio.server()
    method = grpc.unary_unary_rpc_method_handler(
        served.say,
        request_deserializer=types.SynthesizeSpeechRequest.deserialize,
        response_serializer=types.SynthesizeSpeechResponse.serialize,
    )
    name = "google.cloud.texttospeech.v1.TextToSpeech"
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(name, {"SynthesizeSpeech": method}),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Stage(
            served, TextToSpeechAsyncClient(transport=TextToSpeechGrpcAsyncIOTransport(channel=channel))
        )
    await server.stop(grace=None)


async def test_a_line_is_said_by_the_voice_that_is_set_and_bought_once() -> None:
    async with stage(Voices()) as s:
        assert await s.line() == SOUND
        assert await s.line() == SOUND
        assert await s.line("Thank you.") == SOUND
        assert s.characters == len(LINE) + len("Thank you.")
    first, second = s.served.asked
    assert (first.input.text, second.input.text) == (LINE, "Thank you.")
    assert (first.voice.name, first.voice.language_code) == ("en-GB-Neural2-B", "en-GB")
    assert first.audio_config.audio_encoding is types.AudioEncoding.PCM
    assert first.audio_config.sample_rate_hertz == s.local.sample_rate
    assert s.local.spoken == []


async def test_a_line_about_what_a_learner_said_is_not_kept() -> None:
    async with stage(Voices()) as s:
        assert await s.line("What does your sister like?") == SOUND
    assert s.kept.blobs == {}


async def test_it_comes_in_chunks_of_whole_samples() -> None:
    async with stage(Voices()) as s:
        chunks = [chunk async for chunk in s.voice.stream(LINE)]
    assert len(chunks) > 1
    assert all(len(chunk) % 2 == 0 for chunk in chunks)


async def test_a_fault_that_passes_is_not_heard() -> None:
    async with stage(Voices([grpc.StatusCode.UNAVAILABLE])) as s:
        assert await s.line() == SOUND
    assert s.local.spoken == []


@pytest.mark.parametrize(
    "served",
    [
        Voices([grpc.StatusCode.UNAVAILABLE] * 2),
        Voices([grpc.StatusCode.RESOURCE_EXHAUSTED] * 2),
        Voices([grpc.StatusCode.PERMISSION_DENIED]),
        Voices(hangs=True),
        Voices(sound=b""),
    ],
    ids=["unavailable", "quota", "refused", "hangs", "empty"],
)
async def test_the_local_voice_says_what_google_cannot(served: Voices) -> None:
    async with stage(served) as s:
        heard = await s.line()
    assert heard
    assert heard != SOUND
    assert s.local.spoken == [LINE]
    assert s.kept.blobs == {}


async def test_a_voice_that_fails_again_and_again_is_left_alone() -> None:
    async with stage(Voices([grpc.StatusCode.PERMISSION_DENIED] * 9)) as s:
        for n in range(7):
            await s.line(f"line {n}")
    assert len(s.served.asked) == 5
    assert len(s.local.spoken) == 7


async def test_a_store_that_is_down_costs_only_money() -> None:
    async with stage(Voices()) as s:
        s.kept.down = True
        assert await s.line() == SOUND


async def test_half_a_sample_is_no_sound() -> None:
    async with stage(Voices(sound=b"abc")) as s:
        with pytest.raises(SynthesisFailed):
            await s.google(LINE, 16_000)
