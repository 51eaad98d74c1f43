"""Speech that survives a browser: every word is a tone of its own pitch, and silence is silence.

What a fake microphone gives is not the file bit by bit: it is resampled, scaled and cut anywhere. A pitch can
still be read from it, so that a transcript proves that no piece of an answer was lost.
"""

import wave
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import numpy as np

from app.adapters.local_speech import ModelPool
from app.config import Settings
from app.engines import Engines, SpeechEngines
from app.services.analysis_coordinator import TurnAnalyzer
from app.services.speech import BYTES_PER_MS, SAMPLE_RATE, Partial, Utterance, Word
from app.services.storage import BlobStore
from app.speech_providers import SpeechMeter
from bench.parts.plain_activity import PlainActivity

WORD_MS = 250
STEP_HZ = 100
FIRST_HZ = 500
SENTENCE = "I live in a small town near the old river with my family"
WORDS = SENTENCE.split()
LOUD = 300
"""Samples whose root mean square is above this are speech."""
_PARTIAL_MS = 900


def tone(word: int, ms: int = WORD_MS, *, volume: float = 0.4) -> np.ndarray:
    """Return the samples of the word with that number, with soft edges."""
    at = np.arange(ms * SAMPLE_RATE // 1000) / SAMPLE_RATE
    edge = np.minimum(1, np.minimum(at, at[::-1]) / 0.015)
    sound = volume * 32_767 * edge * np.sin(2 * np.pi * (FIRST_HZ + STEP_HZ * word) * at)
    return sound.astype("<i2")


def answer(words: int = len(WORDS)) -> np.ndarray:
    """Return the samples of the first `words` words."""
    return np.concatenate([tone(number) for number in range(words)])


def write_wav(path: Path, samples: np.ndarray) -> Path:
    """Write a microphone's file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def words_in(pcm: bytes, start_ms: int = 0) -> list[Word]:
    """Return the words in `pcm`; neighbouring pieces of one tone are one word."""
    piece_ms = 50
    samples = np.frombuffer(pcm, "<i2").astype(np.float64)
    size = piece_ms * SAMPLE_RATE // 1000
    runs: list[tuple[int, int, int]] = []
    for first in range(0, len(samples) - size + 1, size):
        number = _pitch(samples[first : first + size])
        at = start_ms + first * 1000 // SAMPLE_RATE
        if number is None:
            continue
        if runs and runs[-1][0] == number and runs[-1][2] == at:
            runs[-1] = (number, runs[-1][1], at + piece_ms)
        else:
            runs.append((number, at, at + piece_ms))
    return [
        Word(WORDS[number], begin, end, 0.95) for number, begin, end in runs if end - begin >= 2 * piece_ms
    ]


def _pitch(samples: np.ndarray) -> int | None:
    if _level(samples) < LOUD:
        return None
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 8_192))
    number = round((np.argmax(spectrum) * SAMPLE_RATE / 8_192 - FIRST_HZ) / STEP_HZ)
    return number if 0 <= number < len(WORDS) else None


def _is_loud(window: bytes) -> bool:
    return _level(np.frombuffer(window, "<i2").astype(np.float64)) > LOUD


def _level(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(samples**2)))


class ToneRecogniser:
    """SpeechToText that reads the tones; a turn is one utterance."""

    def open(
        self,
        *,
        start_ms: int,
        on_partial: Callable[[Partial], None],
        on_utterance: Callable[[Utterance], None],
        hints: Sequence[str] = (),
    ) -> "ToneRecognition":
        return ToneRecognition(start_ms, on_partial, on_utterance)


class ToneRecognition:
    """A turn being heard."""

    substituted = False

    def __init__(
        self,
        start_ms: int,
        on_partial: Callable[[Partial], None],
        on_utterance: Callable[[Utterance], None],
    ) -> None:
        self._start_ms = start_ms
        self._pcm = bytearray()
        self._on_partial = on_partial
        self._on_utterance = on_utterance
        self._revision = 0
        self._told_ms = 0

    def feed(self, pcm: bytes) -> None:
        self._pcm += pcm
        held_ms = len(self._pcm) // BYTES_PER_MS
        if held_ms - self._told_ms < _PARTIAL_MS:
            return
        self._told_ms = held_ms
        words = self._words()
        if words:
            self._revision += 1
            text = " ".join(word.text for word in words)
            self._on_partial(Partial(0, self._revision, text, self._start_ms, self._start_ms + held_ms))

    def pause(self, at_ms: int) -> None:
        """Nothing is decoded ahead."""

    def resume(self, at_ms: int) -> None:
        """Nothing was decoded ahead."""

    async def finish(self) -> Sequence[Utterance]:
        words = self._words()
        if not words:
            return ()
        text = " ".join(word.text for word in words)
        utterance = Utterance(0, text, words[0].start_ms, words[-1].end_ms, tuple(words), -0.2)
        self._on_utterance(utterance)
        return (utterance,)

    async def aclose(self) -> None:
        """Nothing is open."""

    def _words(self) -> list[Word]:
        return words_in(bytes(self._pcm), self._start_ms)


class HummingVoice:
    """TextToSpeech: a quiet hum of `ms` for every line, whatever it says."""

    sample_rate = 24_000

    def __init__(self, ms: int = 400) -> None:
        self._ms = ms

    async def stream(self, text: str) -> AsyncIterator[bytes]:
        at = np.arange(self._ms * self.sample_rate // 1000) / self.sample_rate
        yield (800 * np.sin(2 * np.pi * 180 * at)).astype("<i2").tobytes()


class ToneSpeech:
    """SpeechEngines of tones, ready at once."""

    def __init__(self, settings: Settings, blobs: BlobStore, meter: SpeechMeter) -> None:
        self.pool = ModelPool(1)
        self.speech_to_text = ToneRecogniser()
        self.text_to_speech = HummingVoice()
        self.voice_activity = PlainActivity(_is_loud)
        self.ready = False
        self.asleep = ()

    async def load(self) -> None:
        self.ready = True

    async def aclose(self) -> None:
        await self.pool.aclose()


def tone_engines(analyzer: Callable[[], TurnAnalyzer]) -> Engines:
    """Return engines that hear tones, with a real analysis of what they hear."""
    return Engines(ToneSpeech, lambda _: analyzer(), _no_assessor)


async def _no_assessor(settings: Settings, speech: SpeechEngines) -> None:
    """How anything was said is not assessed."""
