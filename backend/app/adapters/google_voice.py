"""Google Text-to-Speech. Importing this module takes half a second."""

from collections.abc import Callable

from google.api_core import exceptions
from google.cloud.texttospeech_v1 import TextToSpeechAsyncClient, types

from app.adapters.google_sign_in import sign_in
from app.services.speech import SynthesisFailed

TRIES = 2
TIMEOUT_S = 1.5
"""For one try: after all of them the local voice still begins before a line counts as stalled."""
_PASSING = (exceptions.ServerError, exceptions.TooManyRequests, exceptions.Cancelled)


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
        self._timeout_s = timeout_s
        self._on_sent = on_sent

    async def __call__(self, text: str, sample_rate: int) -> bytes:
        """Return PCM16 mono. Raises SynthesisFailed."""
        request = types.SynthesizeSpeechRequest(
            input=types.SynthesisInput(text=text),
            voice=self._voice,
            audio_config=types.AudioConfig(
                audio_encoding=types.AudioEncoding.PCM, sample_rate_hertz=sample_rate
            ),
        )
        for left in reversed(range(TRIES)):
            self._on_sent(len(text))
            try:
                reply = await self._client.synthesize_speech(request, timeout=self._timeout_s)
            except exceptions.GoogleAPICallError as failure:
                if left and isinstance(failure, _PASSING):
                    continue
                raise SynthesisFailed(f"Google's voice failed: {type(failure).__name__}.") from failure
            break
        pcm = bytes(reply.audio_content)
        if not pcm or len(pcm) % 2:
            raise SynthesisFailed("Google's voice sent no sound.")
        return pcm
