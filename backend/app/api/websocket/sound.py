"""The examiner's voice: every text is synthesised once, ahead of need, and kept while there is room."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable

import structlog

from app.services.speech import SpeechError, TextToSpeech

BYTES_PER_SAMPLE = 2
STALLED_S = 5.0
MAX_SPOKEN_S = 60

log = structlog.get_logger()


class Sound:
    """A text being spoken: PCM16 mono that grows until `complete`. `failed` means that there is no more."""

    def __init__(self, text: str, sample_rate: int) -> None:
        self.text = text
        self.sample_rate = sample_rate
        self.pcm = bytearray()
        self.complete = False
        self.failed = False
        self._followers: list[Callable[[], None]] = []

    @property
    def available_ms(self) -> int:
        """Milliseconds spoken so far."""
        return self.ms(len(self.pcm))

    def at(self, ms: int) -> int:
        """Return the byte position of the sample at `ms`."""
        return ms * self.sample_rate // 1000 * BYTES_PER_SAMPLE

    def ms(self, position: int) -> int:
        """Return the milliseconds before the byte `position`, rounded down."""
        return position // BYTES_PER_SAMPLE * 1000 // self.sample_rate

    def grow(self, chunk: bytes) -> None:
        """Add what the voice has just spoken."""
        self.pcm += chunk
        self._tell()

    def close(self, *, failed: bool = False) -> None:
        """Say that nothing more will come."""
        self.failed = failed
        self.complete = True
        self._tell()
        self._followers.clear()

    def follow(self, wake: Callable[[], None]) -> None:
        """Call `wake` whenever there is more, or no more."""
        if not self.complete:
            self._followers.append(wake)

    def _tell(self) -> None:
        for wake in tuple(self._followers):
            wake()


class VoiceCache:
    """Sounds by their text, shared by all sessions: the script's lines are the same for everyone.

    Holds at most `max_bytes` of finished sounds; a sound in use outlives its eviction.
    """

    def __init__(self, voice: TextToSpeech, tasks: asyncio.TaskGroup, *, max_bytes: int) -> None:
        self._voice = voice
        self._tasks = tasks
        self._max_bytes = max_bytes
        self._sounds: OrderedDict[str, Sound] = OrderedDict()

    @property
    def sample_rate(self) -> int:
        """Samples per second of every sound."""
        return self._voice.sample_rate

    def speak(self, text: str) -> Sound:
        """Return the sound of `text`, begun now if it is not there yet. A failed one is tried afresh."""
        sound = self._sounds.get(text)
        if sound is None or sound.failed:
            sound = self._sounds[text] = Sound(text, self._voice.sample_rate)
            self._tasks.create_task(self._synthesise(sound), name="voice.synthesise")
        self._sounds.move_to_end(text)
        return sound

    async def _synthesise(self, sound: Sound) -> None:
        try:
            await self._fill(sound)
        except (SpeechError, TimeoutError) as failure:
            log.warning("voice.failed", reason=str(failure) or "stalled", characters=len(sound.text))
            sound.close(failed=True)
        except Exception:
            log.exception("voice.crashed", characters=len(sound.text))
            sound.close(failed=True)
        else:
            sound.close()
        self._evict()

    async def _fill(self, sound: Sound) -> None:
        most = MAX_SPOKEN_S * sound.sample_rate * BYTES_PER_SAMPLE
        now = asyncio.get_running_loop().time
        async with asyncio.timeout(STALLED_S) as patience:
            async for chunk in self._voice.stream(sound.text):
                sound.grow(chunk)
                patience.reschedule(now() + STALLED_S)
                if len(sound.pcm) >= most:
                    log.warning("voice.too_long", characters=len(sound.text))
                    return

    def _evict(self) -> None:
        size = sum(len(s.pcm) for s in self._sounds.values())
        for text, sound in list(self._sounds.items()):
            if size <= self._max_bytes:
                return
            if sound.complete:
                size -= len(sound.pcm)
                del self._sounds[text]
