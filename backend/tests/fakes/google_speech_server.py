"""A local server that speaks Google's Speech-to-Text v2 over gRPC; it reads the phrasebook's sound."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import grpc
from google.cloud.speech_v2 import SpeechAsyncClient, types
from google.cloud.speech_v2.services.speech.transports import SpeechGrpcAsyncIOTransport

from app.services.speech import BYTES_PER_MS, Word
from tests.fakes.engines import Phrasebook

FINAL_AFTER_MS = 600
"""Silence after which words are final."""
INTERIM_EVERY_MS = 1_000
MAX_REQUEST_BYTES = 25 * 1024


@dataclass(frozen=True)
class Leg:
    """What the server does with a stream.

    It refuses it with `refuse` at once, or ends it with `status` when it has `cut_ms` of audio; `hangs`
    answers nothing; `ends` closes it without an error at `cut_ms`.
    """

    refuse: grpc.StatusCode | None = None
    cut_ms: int | None = None
    status: grpc.StatusCode = grpc.StatusCode.ABORTED
    hangs: bool = False
    ends: bool = False


@dataclass
class GoogleSpeechServer:
    """Streams follow `legs`, then behave, or are refused with `always`. `max_ms` of audio end any stream, as
    five minutes do at Google; nothing is answered before `first_answer_ms` of audio."""

    book: Phrasebook
    legs: list[Leg] = field(default_factory=list)
    max_ms: int | None = None
    always: grpc.StatusCode | None = None
    first_answer_ms: int = 0
    configs: list[types.StreamingRecognizeRequest] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    heard_ms: list[int] = field(default_factory=list)

    async def recognise(
        self,
        requests: AsyncIterator[types.StreamingRecognizeRequest],
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> AsyncIterator[types.StreamingRecognizeResponse]:
        leg = self.legs.pop(0) if self.legs else Leg(refuse=self.always)
        number = len(self.heard_ms)
        self.heard_ms.append(0)
        if leg.refuse is not None:
            await anext(requests)  # a refusal while nothing was read would race with what is being written
            await context.abort(leg.refuse, "not now")
        pcm, settled_ms, interim_ms = bytearray(), 0, 0
        async for request in requests:
            size = len(types.StreamingRecognizeRequest.serialize(request))
            self.sizes.append(size)
            if size > MAX_REQUEST_BYTES:
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "request too large")
            if request.streaming_config.config.language_codes:
                self.configs.append(request)
                continue
            pcm += request.audio
            now_ms = self.heard_ms[number] = len(pcm) // BYTES_PER_MS
            if leg.hangs or now_ms < self.first_answer_ms:
                continue
            words = [word for word in self.book.words(bytes(pcm), 0) if word.end_ms > settled_ms]
            if words and now_ms - words[-1].end_ms >= FINAL_AFTER_MS:
                settled_ms = words[-1].end_ms
                yield _response(words, settled_ms, final=True)
            elif words and now_ms - interim_ms >= INTERIM_EVERY_MS:
                interim_ms = now_ms
                yield _response(words, now_ms, final=False)
            if leg.cut_ms is not None and now_ms >= leg.cut_ms:
                if leg.ends:
                    return
                await context.abort(leg.status, "cut")
            if self.max_ms is not None and now_ms >= self.max_ms:
                await context.abort(grpc.StatusCode.ABORTED, "Max duration of 5 minutes reached for stream.")
        if leg.hangs:
            await asyncio.Event().wait()
        words = [word for word in self.book.words(bytes(pcm), 0) if word.end_ms > settled_ms]
        if words:
            yield _response(words, len(pcm) // BYTES_PER_MS, final=True)


def _response(words: list[Word], end_ms: int, *, final: bool) -> types.StreamingRecognizeResponse:
    spoken = [
        types.WordInfo(
            word=word.text,
            start_offset=timedelta(milliseconds=word.start_ms),
            end_offset=timedelta(milliseconds=word.end_ms),
            confidence=word.probability,
        )
        for word in words
    ]
    said = types.SpeechRecognitionAlternative(
        transcript=" ".join(word.text for word in words),
        confidence=0.9 if final else 0.0,
        words=spoken if final else [],
    )
    result = types.StreamingRecognitionResult(
        alternatives=[said], is_final=final, result_end_offset=timedelta(milliseconds=end_ms)
    )
    return types.StreamingRecognizeResponse(results=[result])


@asynccontextmanager
async def listening(served: GoogleSpeechServer) -> AsyncIterator[str]:
    """Serve on a free port and give its address."""
    server = grpc.aio.server()
    method = grpc.stream_stream_rpc_method_handler(
        served.recognise,
        request_deserializer=types.StreamingRecognizeRequest.deserialize,
        response_serializer=types.StreamingRecognizeResponse.serialize,
    )
    server.add_generic_rpc_handlers(
        (
            grpc.method_handlers_generic_handler(
                "google.cloud.speech.v2.Speech", {"StreamingRecognize": method}
            ),
        )
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(grace=None)


@asynccontextmanager
async def serving(served: GoogleSpeechServer) -> AsyncIterator[SpeechAsyncClient]:
    """Serve on a free port and lend Google's own client for it."""
    async with listening(served) as address, grpc.aio.insecure_channel(address) as channel:
        yield SpeechAsyncClient(transport=SpeechGrpcAsyncIOTransport(channel=channel))
