"""Speech that a test can read: every word is a run of samples with its own number, silence is zero."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from app.adapters.local_speech.decoder import Transcript
from app.services.speech import BYTES_PER_MS, SAMPLE_RATE, Word

Script = Sequence[tuple[int, int]]
"""Pairs of word number (0 for silence) and milliseconds."""


def spoken(script: Script) -> bytes:
    """Return the PCM16 of a script."""
    runs = [np.full(ms * SAMPLE_RATE // 1000, number, "<i2") for number, ms in script]
    return np.concatenate([np.zeros(0, "<i2"), *runs]).tobytes()


def heard_in(pcm: bytes) -> tuple[Word, ...]:
    """Return the words in `pcm`, times from its start; part of a word is a word."""
    samples = np.frombuffer(pcm, "<i2")
    edges = [0, *(np.flatnonzero(np.diff(samples)) + 1).tolist(), len(samples)]
    return tuple(
        Word(f"w{samples[start]}", start * 1000 // SAMPLE_RATE, end * 1000 // SAMPLE_RATE, 0.9)
        for start, end in pairwise(edges)
        if end > start and samples[start]
    )


class ReadingDecoder:
    """Hears exactly what was scripted. Notes what it was given; `fail_next` finals raise."""

    def __init__(self) -> None:
        self.sketched_ms: list[int] = []
        self.transcribed_ms: list[int] = []
        self.heard: list[bool] = []
        self.fail_next = 0

    def sketch(self, pcm: bytes) -> Transcript:
        """Return what is in `pcm`."""
        self.sketched_ms.append(len(pcm) // BYTES_PER_MS)
        return Transcript(heard_in(pcm), -0.3)

    def transcribe(self, pcm: bytes, heard: bool) -> Transcript:
        """Return what is in `pcm`."""
        self.transcribed_ms.append(len(pcm) // BYTES_PER_MS)
        self.heard.append(heard)
        if self.fail_next:
            self.fail_next -= 1
            raise RuntimeError("The engine is out of order.")
        return Transcript(heard_in(pcm), -0.3)


def frames(pcm: bytes, ms: int = 40) -> Iterable[bytes]:
    """Cut `pcm` into frames."""
    size = ms * BYTES_PER_MS
    return (pcm[i : i + size] for i in range(0, len(pcm), size))
