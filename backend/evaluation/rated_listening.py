"""Rated recordings through the product's own scoring, one process or several."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import numpy as np

from app.adapters.local_speech.ears import load_ears
from app.services.pronunciation_engine.learned import (
    Ears,
    ExpectedWord,
    Floats,
    Heard,
    PronunciationAssessor,
    PronunciationScores,
    Reference,
    Steps,
    at_once,
    load_weights,
)
from app.services.pronunciation_engine.learned.vectors import LAYERS, Reading, pool, read
from app.services.pronunciation_engine.quality import to_samples
from app.services.speech import SAMPLE_RATE
from evaluation.channel_changes import Changes
from evaluation.channels import across_the_room, room_noise, telephone
from evaluation.rated_speech import Rated
from evaluation.sound_file import read_pcm

TIMED = 50
"""Recordings that are scored while no other process of ours runs, so that their CPU time means something."""

CHANNELS = (telephone, room_noise, across_the_room)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Judged:
    """Scores of one recording on the experts' scales, None where the product gave none.

    `free` and `known` are (4,), 0-10; `words` 0-10 and `phones` 0-2 in the order of the reference.
    """

    free: Floats | None
    known: Floats | None
    words: Floats | None = None
    phones: Floats | None = None


class _OnceHeard:
    """Ears that listen once to what is scored twice: without and with the reference text."""

    def __init__(self, ears: Ears) -> None:
        self._ears = ears
        self._last: tuple[bytes, Heard] | None = None
        self.reference: Reference = ()

    def hear(self, samples: Floats, reference: Reference = ()) -> Steps[Heard]:
        key = samples.tobytes()
        if self._last is None or self._last[0] != key:
            self._last = key, (yield from self._ears.hear(samples, self.reference))
        return self._last[1]

    def pronounce(self, text: str) -> tuple[ExpectedWord, ...]:
        return self._ears.pronounce(text)


class Listener:
    """The product's engine with its own models; counts seconds of sound and of CPU."""

    def __init__(self, models: Path) -> None:
        ears = load_ears(models, None, None)
        self._early = ears.voiced_frames
        self._ears = _OnceHeard(ears)
        self._assessor = PronunciationAssessor(self._ears, load_weights())
        self.cpu_s = 0.0
        self.sound_s = 0.0

    def judge(self, row: Rated) -> Judged:
        """Score one recording without and with its text. Raises OSError, BadSound."""
        pcm = read_pcm(row.wav)
        started = time.process_time()
        self._ears.reference = row.words
        speech = self._assessor.assess_speech(pcm)
        reading = self._assessor.assess_reading(pcm, row.words)
        self.cpu_s += time.process_time() - started
        self.sound_s += len(pcm) / 2 / SAMPLE_RATE
        free, known = _rated(speech.scores), _rated(reading.scores)
        if known is None:
            return Judged(free, None)
        words = np.array([word.accuracy_score / 10 for word in reading.words])
        phones = np.array(
            [(phone.accuracy_score or 0.0) / 50 for word in reading.words for phone in word.phones]
        )
        return Judged(free, known, words, phones)

    def read(self, row: Rated) -> tuple[Reading, Reading] | None:
        """Lay one recording against the recognised and the reference text; None where nothing was heard."""
        self._ears.reference = row.words
        heard = at_once(self._ears.hear(to_samples(read_pcm(row.wav))))
        if not heard.words:
            return None
        return (
            _slim(read(heard.tracks, heard.words)),
            _slim(read(heard.tracks, heard.words, heard.reference)),
        )

    def changes(self, row: Rated) -> Changes:
        """Say how other channels change one recording: a telephone, a noisy room, a distant microphone."""
        samples = to_samples(read_pcm(row.wav))
        plain = self._pooled(samples)
        others = [self._pooled(channel(samples)) for channel in CHANNELS]
        return {layer: np.stack([other[layer] - plain[layer] for other in others]) for layer in LAYERS}

    def voiced_frames(self, row: Rated) -> Floats:
        """Return the frames of one recording that tell speakers apart, (n, 512) in half precision."""
        return self._frames(to_samples(read_pcm(row.wav)))

    def voiced_changes(self, row: Rated) -> list[Floats]:
        """Return those frames of one recording through a telephone, in a noisy room and from a distance."""
        samples = to_samples(read_pcm(row.wav))
        return [self._frames(channel(samples)) for channel in CHANNELS]

    def _frames(self, samples: Floats) -> Floats:
        return self._early(samples).astype(np.float16)

    def _pooled(self, samples: Floats) -> dict[str, Floats]:
        self._ears.reference = ()
        tracks = at_once(self._ears.hear(samples)).tracks
        return {layer: pool(tracks.states[layer], tracks.voice) for layer in LAYERS}


def each(what: Callable[[Listener, Rated], T], rows: Sequence[Rated], models: Path, jobs: int) -> list[T]:
    """Do `what` with every row, on `jobs` processes that each load the models (0.6 GB)."""
    if jobs == 1 or len(rows) < 2 * jobs:
        listener = Listener(models)
        return [what(listener, row) for row in rows]
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        parts = [rows[start::jobs] for start in range(jobs)]
        done: Iterable[list[T]] = pool.map(_part, [what] * jobs, parts, [models] * jobs)
        found = list(done)
    return [found[at % jobs][at // jobs] for at in range(len(rows))]


def _part(what: Callable[[Listener, Rated], T], rows: Sequence[Rated], models: Path) -> list[T]:
    listener = Listener(models)
    return [what(listener, row) for row in rows]


def _rated(scores: PronunciationScores | None) -> Floats | None:
    if scores is None:
        return None
    return np.array(
        [scores.accuracy_score, scores.fluency_score, scores.prosody_score, scores.pronunciation_score]
    ) / np.float32(10)


def _slim(reading: Reading) -> Reading:
    """Keep states in half precision: thousands of readings are in memory at once."""
    for name, states in reading.phones.states.items():
        reading.phones.states[name] = states.astype(np.float16)
    return reading
