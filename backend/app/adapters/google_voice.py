"""Google Text-to-Speech. Importing this module takes half a second."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing

import structlog
from google.api_core import exceptions
from google.cloud.texttospeech_v1 import TextToSpeechAsyncClient, types

from app.adapters.google_sign_in import sign_in
from app.services.speech import SynthesisFailed

TRIES = 2
"""Of one line, as long as nothing of it is there. The client library makes none of its own."""
TIMEOUT_S = 1.5
"""For one try, or for the next piece of a stream: after all of them the local voice still begins before a
line counts as stalled."""
_STREAMING = "Chirp3-HD"
"""Voices with this in their name are said piece by piece; of others Google makes only whole lines."""
_PASSING = (exceptions.ServerError, exceptions.TooManyRequests, exceptions.Cancelled)

log = structlog.get_logger(__name__)


async def connect() -> TextToSpeechAsyncClient:
    """Return a client. Raises ModelNotReady when this machine has no credentials."""
    return TextToSpeechAsyncClient(credentials=await sign_in())


class GoogleVoice:
    """Has lines said; implements Synthesise."""

    def __init__(
        self,
        client: TextToSpeechAsyncClient,
        voice: str,
        *,
        timeout_s: float = TIMEOUT_S,
        on_sent: Callable[[int], None] = lambda characters: None,
    ) -> None:
        """`voice` is a name such as en-GB-Neural2-B; `on_sent` hears how many characters Google got."""
        self._client = client
        self._voice = types.VoiceSelectionParams(language_code="-".join(voice.split("-")[:2]), name=voice)
        self._streams = _STREAMING in voice
        self._timeout_s = timeout_s
        self._on_sent = on_sent

    async def __call__(self, text: str, sample_rate: int) -> AsyncGenerator[bytes, None]:
        """Yield PCM16 mono in whole samples, piece by piece where the voice allows it.

        Raises SynthesisFailed, also when a line breaks off.
        """
        for left in reversed(range(TRIES)):
            said = False
            self._on_sent(len(text))
            try:
                async with aclosing(self._said(text, sample_rate)) as pieces:
                    async for piece in pieces:
                        said = True
                        yield piece
            except (exceptions.GoogleAPICallError, TimeoutError) as failure:
                again = isinstance(failure, _PASSING)
                if self._streams and isinstance(failure, exceptions.InvalidArgument):
                    log.warning("google_voice.no_stream", voice=self._voice.name)
                    self._streams, again = False, True
                if said or not (left and again):
                    raise SynthesisFailed(f"Google's voice failed: {_named(failure)}.") from failure
                continue
            if not said:
                raise SynthesisFailed("Google's voice sent no sound.")
            return

    async def _said(self, text: str, sample_rate: int) -> AsyncGenerator[bytes, None]:
        if not self._streams:
            pcm = await self._whole(text, sample_rate)
            if len(pcm) % 2:
                raise SynthesisFailed("Google's voice sent half a sample.")
            if pcm:
                yield pcm
            return
        rest = b""
        async with aclosing(self._pieces(text, sample_rate)) as pieces:
            async for piece in pieces:
                pcm = rest + piece
                whole = len(pcm) - len(pcm) % 2
                rest = pcm[whole:]
                if whole:
                    yield pcm[:whole]

    async def _whole(self, text: str, sample_rate: int) -> bytes:
        request = types.SynthesizeSpeechRequest(
            input=types.SynthesisInput(text=text),
            voice=self._voice,
            audio_config=types.AudioConfig(
                audio_encoding=types.AudioEncoding.PCM, sample_rate_hertz=sample_rate
            ),
        )
        reply = await self._client.synthesize_speech(request, timeout=self._timeout_s)
        return bytes(reply.audio_content)

    async def _pieces(self, text: str, sample_rate: int) -> AsyncGenerator[bytes, None]:
        config = types.StreamingSynthesizeConfig(
            voice=self._voice,
            streaming_audio_config=types.StreamingAudioConfig(
                audio_encoding=types.AudioEncoding.PCM, sample_rate_hertz=sample_rate
            ),
        )

        async def requests() -> AsyncIterator[types.StreamingSynthesizeRequest]:
            yield types.StreamingSynthesizeRequest(streaming_config=config)
            yield types.StreamingSynthesizeRequest(input=types.StreamingSynthesisInput(text=text))

        async with asyncio.timeout(self._timeout_s):
            answers = await self._client.streaming_synthesize(requests=requests())
        try:
            pieces = aiter(answers)
            while True:
                async with asyncio.timeout(self._timeout_s):
                    answer = await anext(pieces, None)
                if answer is None:
                    return
                yield bytes(answer.audio_content)
        finally:
            answers.cancel()  # type: ignore[attr-defined]  # it is a gRPC call, and somebody may have left


def _named(failure: BaseException) -> str:
    """Return what went wrong. What Google says of rights is for the operator, and holds nothing of a line."""
    if isinstance(failure, exceptions.Forbidden | exceptions.Unauthorized | exceptions.NotFound):
        return f"{type(failure).__name__}: {failure.message}"
    return type(failure).__name__
