"""A voice that a service sells: lines of the script are bought once; another voice says what fails."""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from app.services.errors import StorageUnavailable
from app.services.language_model import Breaker
from app.services.speech.errors import SpeechError
from app.services.speech.ports import TextToSpeech
from app.services.storage import BlobNotFound, BlobStore

CHUNK_BYTES = 9_600
"""0.2 s at 24 kHz."""
BREAK_MS = 300
"""Silence between a line that broke off and its repetition."""

log = structlog.get_logger(__name__)


class Synthesise(Protocol):
    """Has a line said by a service."""

    def __call__(self, text: str, sample_rate: int) -> AsyncGenerator[bytes, None]:
        """Yield PCM16 mono in whole samples, not nothing. Raises SpeechError, also when a line breaks off."""
        ...


class BoughtVoice:
    """A TextToSpeech. A line is said by one voice from its beginning to its end; one that breaks off is said
    once more, by the other voice."""

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
        if (kept := await self._find(key)) is not None:
            for chunk in _chunks(kept):
                yield chunk
            return
        if self._breaker.admits():
            purchase = _Purchase()
            async with aclosing(self._buy(text, purchase)) as bought:
                async for chunk in bought:
                    yield chunk
            if purchase.whole:
                await self._keep(key, text, bytes(purchase.pcm))
                return
            if purchase.pcm:
                yield bytes(self.sample_rate * BREAK_MS // 1000 * 2)
        async for chunk in self._second.stream(text):
            yield chunk

    def _key(self, text: str) -> str:
        said = f"{self._voice}\0{self.sample_rate}\0{text}"
        return f"voices/{hashlib.sha256(said.encode()).hexdigest()}.pcm"

    async def _find(self, key: str) -> bytes | None:
        try:
            return await self._kept.get(key)
        except (BlobNotFound, StorageUnavailable):
            return None

    async def _buy(self, text: str, purchase: "_Purchase") -> AsyncGenerator[bytes, None]:
        """Yield the line as the service says it, as far as it does; `purchase` notes what came of it."""
        try:
            async with aclosing(self._synthesise(text, self.sample_rate)) as said:
                async for piece in said:
                    purchase.pcm += piece
                    for chunk in _chunks(piece):
                        yield chunk
        except SpeechError as failure:
            self._breaker.failed()
            log.warning("voice.substituted", reason=str(failure), said_bytes=len(purchase.pcm))
        except BaseException:
            # Somebody waited in vain, unless some of the line was there when they went.
            if purchase.pcm:
                self._breaker.succeeded()
            else:
                self._breaker.failed()
            raise
        else:
            self._breaker.succeeded()
            purchase.whole = True

    async def _keep(self, key: str, text: str, pcm: bytes) -> None:
        if not self._lasting(text):
            return
        try:
            await self._kept.put(key, pcm)
        except StorageUnavailable as failure:
            log.warning("voice.not_kept", reason=str(failure))


@dataclass(slots=True)
class _Purchase:
    """What has been said of a line, and whether that is all of it."""

    pcm: bytearray = field(default_factory=bytearray)
    whole: bool = False


def _chunks(pcm: bytes) -> Iterator[bytes]:
    return (pcm[at : at + CHUNK_BYTES] for at in range(0, len(pcm), CHUNK_BYTES))
