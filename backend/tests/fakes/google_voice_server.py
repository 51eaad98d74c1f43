"""A local server that speaks Google's Text-to-Speech over gRPC, at once and in a stream."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import grpc
from google.cloud.texttospeech_v1 import TextToSpeechAsyncClient, types
from google.cloud.texttospeech_v1.services.text_to_speech.transports import (
    TextToSpeechGrpcAsyncIOTransport,
)

SOUND = bytes(range(250)) * 100
PIECE = 4_801
"""Bytes of a piece of a stream: an odd number, since nothing is promised."""


@dataclass
class GoogleVoiceServer:
    """The next calls end with `faults` and then `always`, `hangs` never ends one, and streams break off after
    `breaks_at` pieces, or hang there with `stalls`. `streams` says whether its voices can."""

    faults: list[grpc.StatusCode] = field(default_factory=list)
    always: grpc.StatusCode | None = None
    hangs: bool = False
    sound: bytes = SOUND
    streams: bool = True
    breaks_at: int | None = None
    stalls: bool = False
    asked: list[types.SynthesizeSpeechRequest] = field(default_factory=list)
    streamed: list[types.StreamingSynthesizeRequest] = field(default_factory=list)

    async def say(
        self,
        request: types.SynthesizeSpeechRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> types.SynthesizeSpeechResponse:
        self.asked.append(request)
        await self._trouble(context)
        return types.SynthesizeSpeechResponse(audio_content=self.sound)

    async def stream(
        self,
        requests: AsyncIterator[types.StreamingSynthesizeRequest],
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> AsyncIterator[types.StreamingSynthesizeResponse]:
        self.streamed += [request async for request in requests]
        if not self.streams:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "this voice does not stream")
        await self._trouble(context)
        for number, at in enumerate(range(0, len(self.sound), PIECE)):
            if number == self.breaks_at:
                if self.stalls:
                    await asyncio.Event().wait()
                await context.abort(grpc.StatusCode.UNAVAILABLE, "gone")
            yield types.StreamingSynthesizeResponse(audio_content=self.sound[at : at + PIECE])

    async def _trouble(self, context: grpc.aio.ServicerContext) -> None:  # type: ignore[type-arg]
        if self.hangs:
            await asyncio.Event().wait()
        if self.faults:
            await context.abort(self.faults.pop(0), "not now")
        if self.always is not None:
            await context.abort(self.always, "never")


@asynccontextmanager
async def voice_listening(served: GoogleVoiceServer) -> AsyncIterator[str]:
    """Serve on a free port and give its address."""
    server = grpc.aio.server()
    at_once = grpc.unary_unary_rpc_method_handler(
        served.say,
        request_deserializer=types.SynthesizeSpeechRequest.deserialize,
        response_serializer=types.SynthesizeSpeechResponse.serialize,
    )
    streamed = grpc.stream_stream_rpc_method_handler(
        served.stream,
        request_deserializer=types.StreamingSynthesizeRequest.deserialize,
        response_serializer=types.StreamingSynthesizeResponse.serialize,
    )
    methods = {"SynthesizeSpeech": at_once, "StreamingSynthesize": streamed}
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("google.cloud.texttospeech.v1.TextToSpeech", methods),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(grace=None)


@asynccontextmanager
async def voice_serving(served: GoogleVoiceServer) -> AsyncIterator[TextToSpeechAsyncClient]:
    """Serve on a free port and lend Google's own client for it."""
    async with voice_listening(served) as address, grpc.aio.insecure_channel(address) as channel:
        yield TextToSpeechAsyncClient(transport=TextToSpeechGrpcAsyncIOTransport(channel=channel))
