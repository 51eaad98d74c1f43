"""A process that speaks Google's speech protocols and answers every message at once: `python -m
bench.parts.instant_google` prints its address and ends with its parent."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import grpc
from google.cloud.speech_v2 import types as speech
from google.cloud.texttospeech_v1 import types as voice

from app.modes.parent import end_with_parent

LINE = bytes(24_000)
"""Half a second at 24 kHz."""


async def recognise(
    requests: AsyncIterator[speech.StreamingRecognizeRequest], context: Any
) -> AsyncIterator[speech.StreamingRecognizeResponse]:
    """Answer every piece of sound with a provisional transcript."""
    heard_bytes = 0
    async for request in requests:
        if not request.audio:
            continue
        heard_bytes += len(request.audio)
        said = speech.SpeechRecognitionAlternative(transcript="I live in a small town near the river")
        result = speech.StreamingRecognitionResult(
            alternatives=[said], result_end_offset=timedelta(milliseconds=heard_bytes // 32)
        )
        yield speech.StreamingRecognizeResponse(results=[result])


async def synthesise(request: voice.SynthesizeSpeechRequest, context: Any) -> voice.SynthesizeSpeechResponse:
    """Answer with silence."""
    return voice.SynthesizeSpeechResponse(audio_content=LINE)


async def serve() -> None:
    """Serve on a free port until the process is ended."""
    server = grpc.aio.server()
    hears = grpc.stream_stream_rpc_method_handler(
        recognise,
        request_deserializer=speech.StreamingRecognizeRequest.deserialize,
        response_serializer=speech.StreamingRecognizeResponse.serialize,
    )
    speaks = grpc.unary_unary_rpc_method_handler(
        synthesise,
        request_deserializer=voice.SynthesizeSpeechRequest.deserialize,
        response_serializer=voice.SynthesizeSpeechResponse.serialize,
    )
    for name, methods in {
        "google.cloud.speech.v2.Speech": {"StreamingRecognize": hears},
        "google.cloud.texttospeech.v1.TextToSpeech": {"SynthesizeSpeech": speaks},
    }.items():
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, methods),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(json.dumps({"address": f"127.0.0.1:{port}"}) + "\n")
    sys.stdout.flush()
    end_with_parent()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(serve())
