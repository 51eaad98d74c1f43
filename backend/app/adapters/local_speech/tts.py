"""The examiner's voice: hibari, sentence by sentence."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import numpy as np

from app.adapters.local_speech.hibari_lexicon import american
from app.adapters.local_speech.loudness import levelled, trimmed
from app.adapters.local_speech.pool import ModelPool, Priority
from app.adapters.local_speech.speakable import pieces, speakable
from app.services.speech import EngineBusy, SynthesisFailed

SAMPLE_RATE = 24_000
CHUNK_MS = 200
_SEED = 1
"""The voice has a noise component; a fixed seed makes the same text the same sound."""


class HibariModel:
    """The loaded voice; may be called from any thread."""

    def __init__(self) -> None:
        """Load the voice and its pronunciation dictionary. Blocks for about 2 s."""
        from hibari import Hibari  # noqa: PLC0415 - heavy, off the event loop

        self._model: Any = Hibari(threads=1, g2p=american())
        self.speak("Hello.")

    def sentences(self, text: str) -> list[str]:
        """Return the pieces in which `text` is spoken."""
        return pieces(self._model.split_sentences(text))

    def speak(self, sentence: str) -> bytes:
        """Return `sentence` as levelled 24 kHz PCM16, b'' when there is nothing to say in it. Blocks."""
        samples = self._model(sentence, seed=_SEED)
        sound = levelled(trimmed(samples, SAMPLE_RATE), SAMPLE_RATE)
        return np.round(sound * 32_767).astype("<i2").tobytes()


class HibariVoice:
    """Implements TextToSpeech on pool threads. `model` raises ModelNotReady until there is one."""

    def __init__(self, model: Callable[[], HibariModel], pool: ModelPool) -> None:
        self._model = model
        self._pool = pool

    @property
    def sample_rate(self) -> int:
        """Samples per second."""
        return SAMPLE_RATE

    async def stream(self, text: str) -> AsyncIterator[bytes]:
        """Yield `text` as PCM16 mono in chunks of at most 200 ms, each sentence as soon as it is computed.

        A text without letters or digits yields nothing. Raises ModelNotReady; SynthesisFailed for a text
        over 2,000 characters, one the voice cannot read, or when too much work is waiting.
        """
        plain = speakable(text)
        if not plain:
            return
        model = self._model()
        size = SAMPLE_RATE * CHUNK_MS // 1000 * 2
        for sentence in model.sentences(plain):
            sound = await self._speak(model, sentence)
            for start in range(0, len(sound), size):
                yield sound[start : start + size]

    async def _speak(self, model: HibariModel, sentence: str) -> bytes:
        try:
            return await self._pool.run(Priority.VOICE, model.speak, sentence)
        except EngineBusy as busy:
            raise SynthesisFailed(str(busy)) from busy
        except Exception as failure:  # the library fails on some texts with whatever error it runs into
            raise SynthesisFailed("The voice cannot read this text.") from failure
