"""--mode bench speech_services: what our way of using Google's speech services costs over the bare clients.

Each message goes to a server on this machine that answers at once, in turn by the bare client and as the
product sends it: a tenth of a second of a learner's speech until its provisional transcript is there, with
the breaker, the kept sound and the substitute behind it, and a line of the examiner's until its first sound,
which is looked for among the kept ones first. `cpu` is the same in this thread's core time, which other work
on the machine does not lengthen.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TypedDict

import grpc
from google.cloud.speech_v2 import SpeechAsyncClient
from google.cloud.speech_v2 import types as speech
from google.cloud.speech_v2.services.speech.transports import SpeechGrpcAsyncIOTransport
from google.cloud.texttospeech_v1 import TextToSpeechAsyncClient
from google.cloud.texttospeech_v1 import types as voice
from google.cloud.texttospeech_v1.services.text_to_speech.transports import (
    TextToSpeechGrpcAsyncIOTransport,
)

from app.adapters.blob_filesystem import FilesystemBlobStore
from app.adapters.google_speech import GoogleRecogniser, Hearing
from app.adapters.google_speech.requests import opening
from app.adapters.google_voice import GoogleVoice
from app.modes.child import child
from app.services.language_model import Breaker
from app.services.speech import BYTES_PER_MS, BoughtVoice, Partial, WithSubstitute
from bench.parts.silent_engines import DeafRecogniser, ShortVoice
from bench.parts.took import Milliseconds, Took, spread, timed

_WARM_UP = 20
_MESSAGE = bytes(100 * BYTES_PER_MS)
_HEARING = Hearing("bench", phrases=("Samarkand", "home", "work"))
_VOICE = "en-GB-Neural2-B"
_TIMEOUT_S = 30.0


class Added(TypedDict):
    """What each way takes; `adapter_added_p95` is how far its 95th percentile lies above the bare one's."""

    bare: Milliseconds
    adapter: Milliseconds
    adapter_added_p95: float


class Measured(TypedDict):
    """One service, in milliseconds a message."""

    service: str
    messages: int
    clock: Added
    cpu: Added


def main(argv: Sequence[str]) -> int:
    """Print {services: [...]}; 0."""
    parser = argparse.ArgumentParser(prog="run.py --mode bench speech_services", description=__doc__)
    parser.add_argument("--messages", type=int, default=300, help="messages a service (300)")
    parser.add_argument("--json", action="store_true", help="print one JSON object on one line")
    given = parser.parse_args(argv)
    services = asyncio.run(_measured(given.messages))
    sys.stdout.write(json.dumps({"services": services}, indent=None if given.json else 2) + "\n")
    return 0


async def _measured(messages: int) -> list[Measured]:
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(child("bench.parts.instant_google"))
        address = served.said["address"]
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(address))
        ears = SpeechAsyncClient(transport=SpeechGrpcAsyncIOTransport(channel=channel))
        speaker = TextToSpeechAsyncClient(transport=TextToSpeechGrpcAsyncIOTransport(channel=channel))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        return [await _heard(ears, messages), await _said(speaker, Path(folder), messages)]


async def _heard(client: SpeechAsyncClient, messages: int) -> Measured:
    bare, product = _BareEar(client), _ProductEar(client)
    try:
        took = [(await timed(bare.hear()), await timed(product.hear())) for _ in range(_WARM_UP + messages)]
    finally:
        await bare.aclose()
        await product.aclose()
    return _compared("speech_to_text", took)


async def _said(client: TextToSpeechAsyncClient, folder: Path, messages: int) -> Measured:
    product = BoughtVoice(
        GoogleVoice(client, _VOICE),
        _VOICE,
        ShortVoice(),
        Breaker(asyncio.get_running_loop().time),
        FilesystemBlobStore(folder),
        lasting=lambda line: False,
    )

    async def by_product(line: str) -> None:
        async for _ in product.stream(line):
            pass

    async def by_client(line: str) -> None:
        request = voice.SynthesizeSpeechRequest(
            input=voice.SynthesisInput(text=line),
            voice=voice.VoiceSelectionParams(language_code="en-GB", name=_VOICE),
            audio_config=voice.AudioConfig(
                audio_encoding=voice.AudioEncoding.PCM, sample_rate_hertz=product.sample_rate
            ),
        )
        bytes((await client.synthesize_speech(request, timeout=_TIMEOUT_S)).audio_content)

    lines = [f"How often do you visit place number {n}?" for n in range(_WARM_UP + messages)]
    return _compared(
        "text_to_speech", [(await timed(by_client(line)), await timed(by_product(line))) for line in lines]
    )


class _BareEar:
    """A stream of the bare client: a message is sent, its answer awaited."""

    def __init__(self, client: SpeechAsyncClient) -> None:
        self._client = client
        self._messages = asyncio.Queue[bytes | None](1)
        self._answers: AsyncIterator[speech.StreamingRecognizeResponse] | None = None

    async def hear(self) -> None:
        await self._messages.put(_MESSAGE)
        if self._answers is None:
            self._answers = aiter(await self._client.streaming_recognize(requests=self._requests()))
        await anext(self._answers)

    async def aclose(self) -> None:
        await self._messages.put(None)

    async def _requests(self) -> AsyncIterator[speech.StreamingRecognizeRequest]:
        yield opening(_HEARING)
        while (message := await self._messages.get()) is not None:
            yield speech.StreamingRecognizeRequest(audio=message)


class _ProductEar:
    """A turn as a session opens it."""

    def __init__(self, client: SpeechAsyncClient) -> None:
        recogniser = WithSubstitute(
            GoogleRecogniser(client, _HEARING),
            DeafRecogniser(),
            Breaker(asyncio.get_running_loop().time),
        )
        self._shown = asyncio.Event()
        self._turn = recogniser.open(start_ms=0, on_partial=self._show, on_utterance=lambda _: None)
        self._turn.resume(0)

    async def hear(self) -> None:
        self._shown.clear()
        self._turn.feed(_MESSAGE)
        async with asyncio.timeout(_TIMEOUT_S):
            await self._shown.wait()

    async def aclose(self) -> None:
        await self._turn.aclose()

    def _show(self, partial: Partial) -> None:
        self._shown.set()


def _compared(service: str, took: Sequence[tuple[Took, Took]]) -> Measured:
    counted = took[_WARM_UP:]
    return Measured(
        service=service,
        messages=len(counted),
        clock=_added([(bare.clock, adapter.clock) for bare, adapter in counted]),
        cpu=_added([(bare.cpu, adapter.cpu) for bare, adapter in counted]),
    )


def _added(took: Sequence[tuple[float, float]]) -> Added:
    bare, adapter = (spread(list(way)) for way in zip(*took, strict=True))
    return Added(bare=bare, adapter=adapter, adapter_added_p95=round(adapter["p95"] - bare["p95"], 2))
