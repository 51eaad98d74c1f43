"""Google's own client against a local server that speaks the protocol, and the voice behind it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import pytest
from google.cloud.texttospeech_v1 import TextToSpeechAsyncClient, types

from app.adapters.google_voice import GoogleVoice
from app.services.language_model import Breaker
from app.services.speech import BoughtVoice, SynthesisFailed
from tests.fakes.engines import FakeVoice
from tests.fakes.google_voice_server import PIECE, SOUND, voice_serving
from tests.fakes.google_voice_server import GoogleVoiceServer as Voices
from tests.fakes.memory_blobs import MemoryBlobs

LINE = "Where do you live?"
WHOLE, STREAMED = "en-GB-Neural2-B", "en-GB-Chirp3-HD-Charon"


class Stage:
    """A bought voice with its parts."""

    def __init__(self, served: Voices, client: TextToSpeechAsyncClient, voice: str) -> None:
        self.served = served
        self.characters = 0
        self.local = FakeVoice()
        self.kept = MemoryBlobs()
        google = GoogleVoice(client, voice, timeout_s=0.3, on_sent=self._count)
        self.google = google
        self.breaker = Breaker(asyncio.get_running_loop().time)
        self.voice = BoughtVoice(
            google,
            voice,
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
async def stage(served: Voices, voice: str = WHOLE) -> AsyncIterator[Stage]:
    async with voice_serving(served) as client:
        yield Stage(served, client, voice)


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
            await anext(s.google(LINE, 16_000))


async def test_a_voice_that_streams_begins_before_the_line_is_made() -> None:
    async with stage(Voices(breaks_at=2, stalls=True), STREAMED) as s:
        stream = aiter(s.voice.stream(LINE))
        assert await anext(stream) == SOUND[: PIECE - 1]
        await stream.aclose()  # type: ignore[attr-defined]  # it is a generator
    config, line = s.served.streamed
    assert config.streaming_config.voice.name == STREAMED
    assert config.streaming_config.streaming_audio_config.audio_encoding is types.AudioEncoding.PCM
    assert config.streaming_config.streaming_audio_config.sample_rate_hertz == s.local.sample_rate
    assert line.input.text == LINE
    assert s.served.asked == []
    assert s.kept.blobs == {}  # who leaves early has not got the line
    assert s.breaker.state == "closed"


async def test_a_streamed_line_is_kept_once_it_is_whole() -> None:
    async with stage(Voices(), STREAMED) as s:
        assert await s.line() == SOUND
        assert await s.line() == SOUND
        assert len(s.kept.blobs) == 1
        chunks = [chunk async for chunk in s.google(LINE, 16_000)]
    assert len(s.served.streamed) == 4
    assert s.characters == 2 * len(LINE)
    assert all(len(chunk) % 2 == 0 for chunk in chunks)


@pytest.mark.parametrize("stalls", [False, True])
async def test_a_streamed_line_that_breaks_off_is_said_again_by_the_local_voice(stalls: bool) -> None:
    async with stage(Voices(breaks_at=2, stalls=stalls), STREAMED) as s:
        heard = await s.line()
        local = b"".join([chunk async for chunk in s.local.stream(LINE)])
    begun = SOUND[: 2 * PIECE]
    assert heard.startswith(begun)
    assert heard.endswith(local)
    between = heard[len(begun) : -len(local)]
    assert len(between) == 300 * s.local.sample_rate // 1000 * 2
    assert not between.strip(b"\0")
    assert s.kept.blobs == {}


async def test_a_stream_that_does_not_begin_is_tried_again() -> None:
    async with stage(Voices([grpc.StatusCode.UNAVAILABLE]), STREAMED) as s:
        assert await s.line() == SOUND
    assert s.local.spoken == []


@pytest.mark.parametrize(
    "served", [Voices(hangs=True), Voices(sound=b""), Voices([grpc.StatusCode.PERMISSION_DENIED])]
)
async def test_the_local_voice_says_what_does_not_stream(served: Voices) -> None:
    async with stage(served, STREAMED) as s:
        assert await s.line()
    assert s.local.spoken == [LINE]


async def test_a_voice_that_does_not_stream_after_all_is_asked_for_whole_lines() -> None:
    async with stage(Voices(streams=False), STREAMED) as s:
        assert await s.line() == SOUND
        assert await s.line("Thank you.") == SOUND
    assert len(s.served.streamed) == 2  # of one line
    assert [request.input.text for request in s.served.asked] == [LINE, "Thank you."]
