"""A voice that a service sells: lines of the script are bought once; another voice says what fails."""

import hashlib
from collections.abc import AsyncIterator, Callable
from typing import Protocol

import structlog

from app.services.errors import StorageUnavailable
from app.services.language_model import Breaker
from app.services.speech.errors import SpeechError
from app.services.speech.ports import TextToSpeech
from app.services.storage import BlobNotFound, BlobStore

CHUNK_BYTES = 9_600
"""0.2 s at 24 kHz."""

log = structlog.get_logger(__name__)


class Synthesise(Protocol):
    """Has a line said by a service."""

    async def __call__(self, text: str, sample_rate: int) -> bytes:
        """Return PCM16 mono, never empty. Raises SpeechError."""
        ...


class BoughtVoice:
    """A TextToSpeech. A line is said by one voice from its beginning to its end."""

    def __init__(
        self,
        synthesise: Synthesise,
        voice: str,
        second: TextToSpeech,
        breaker: Breaker,
        kept: BlobStore,
        *,
        lasting: Callable[[str], bool],
    ) -> None:
        """`voice` names the service's voice. A line that is `lasting`, the same for every learner, is kept
        under `voices/`; others may take up what a learner said, and are not. While the breaker is open
        `second` says what is not kept."""
        self._lasting = lasting
        self._synthesise = synthesise
        self._voice = voice
        self._second = second
        self._breaker = breaker
        self._kept = kept

    @property
    def sample_rate(self) -> int:
        """Samples per second, of both voices."""
        return self._second.sample_rate

    async def stream(self, text: str) -> AsyncIterator[bytes]:
        """Yield PCM16 mono chunks. Raises SynthesisFailed when neither voice can say the line."""
        key = self._key(text)
        pcm = await self._find(key) or await self._buy(key, text)
        if pcm is None:
            async for chunk in self._second.stream(text):
                yield chunk
            return
        for at in range(0, len(pcm), CHUNK_BYTES):
            yield pcm[at : at + CHUNK_BYTES]

    def _key(self, text: str) -> str:
        said = f"{self._voice}\0{self.sample_rate}\0{text}"
        return f"voices/{hashlib.sha256(said.encode()).hexdigest()}.pcm"

    async def _find(self, key: str) -> bytes | None:
        try:
            return await self._kept.get(key)
        except (BlobNotFound, StorageUnavailable):
            return None

    async def _buy(self, key: str, text: str) -> bytes | None:
        """Return the line as the service says it, or None when it cannot."""
        if not self._breaker.admits():
            return None
        try:
            pcm = await self._synthesise(text, self.sample_rate)
        except SpeechError as failure:
            self._breaker.failed()
            log.warning("voice.substituted", reason=str(failure))
            return None
        except BaseException:  # also a cancelled call: somebody waited in vain
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        if not self._lasting(text):
            return pcm
        try:
            await self._kept.put(key, pcm)
        except StorageUnavailable as failure:
            log.warning("voice.not_kept", reason=str(failure))
        return pcm
