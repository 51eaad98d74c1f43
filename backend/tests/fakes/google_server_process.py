"""The product's server process whose Google clients speak to local servers: `python -m
tests.fakes.google_server_process DESCRIPTOR START`, with their ports in GOOGLE_FAKES."""

import os
import sys
from typing import Any

import grpc
from google.cloud.speech_v2 import SpeechAsyncClient
from google.cloud.speech_v2.services.speech.transports import SpeechGrpcAsyncIOTransport
from google.cloud.texttospeech_v1 import TextToSpeechAsyncClient
from google.cloud.texttospeech_v1.services.text_to_speech.transports import (
    TextToSpeechGrpcAsyncIOTransport,
)

from app.adapters import google_speech, google_voice
from app.modes.server_worker import main


def _connected() -> None:
    ears, voice = os.environ["GOOGLE_FAKES"].split(",")

    async def connect_ears(location: str) -> Any:
        channel = grpc.aio.insecure_channel(ears)
        return SpeechAsyncClient(transport=SpeechGrpcAsyncIOTransport(channel=channel))

    async def connect_voice() -> Any:
        channel = grpc.aio.insecure_channel(voice)
        return TextToSpeechAsyncClient(transport=TextToSpeechGrpcAsyncIOTransport(channel=channel))

    google_speech.connect = connect_ears  # type: ignore[assignment]
    google_voice.connect = connect_voice  # type: ignore[assignment]


if __name__ == "__main__":
    _connected()
    main(sys.argv[1:])
