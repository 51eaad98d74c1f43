"""Pronunciation as experts would rate it: free speech, or a text that is known."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from app.services.pronunciation_engine.learned import gate, vectors
from app.services.pronunciation_engine.learned.chunks import Chunk, cut, spread
from app.services.pronunciation_engine.learned.phones import confusion_rates, read_words, spoken_words
from app.services.pronunciation_engine.learned.ports import LONGEST_S, Ears, Reference
from app.services.pronunciation_engine.learned.results import (
    PronunciationScores,
    ReadingResult,
    Reason,
    SpeechResult,
)
from app.services.pronunciation_engine.learned.scorer import Scorer
from app.services.pronunciation_engine.learned.speakers import (
    LAYER,
    Speakers,
    stretches,
    voiced_frames,
)
from app.services.pronunciation_engine.learned.steps import Steps, at_once
from app.services.pronunciation_engine.learned.types import Floats, Heard, RawScores
from app.services.pronunciation_engine.phones import WordPhones
from app.services.pronunciation_engine.quality import check_recording, to_samples
from app.services.speech import SAMPLE_RATE

BUDGET_S = 60.0
"""Of a longer answer that is scored at once, evenly spaced pieces of this length together are listened to."""

MIN_SECONDS = 0.5
_PCM_BYTES_PER_S = 2 * SAMPLE_RATE


class PronunciationAssessor:
    """Scores speech with models that listen and weights that were fitted to experts' ratings.

    CPU-bound, deterministic, and safe to call from several threads.
    """

    def __init__(self, ears: Ears, weights: Mapping[str, Floats]) -> None:
        self._ears = ears
        self._free = Scorer(weights, known=False)
        self._known = Scorer(weights, known=True)
        self._speakers = Speakers(
            {name.removeprefix("speakers/"): w for name, w in weights.items() if name.startswith("speakers/")}
        )
        self._floors = weights["free/phone_floor"]
        self._confusions = confusion_rates(weights["free/confused"])

    @property
    def confusions(self) -> Mapping[tuple[str, str], float]:
        """How often a well-said phone (first) looks like another (second) that was not said, 0-1."""
        return self._confusions

    def assess_speech(self, pcm: bytes, *, start_ms: int = 0, budget_s: float = BUDGET_S) -> SpeechResult:
        """Score 16 kHz mono PCM16 of any length at once, as `listen` does."""
        return at_once(self.listen(pcm, start_ms=start_ms, budget_s=budget_s))

    def listen(self, pcm: bytes, *, start_ms: int = 0, budget_s: float = math.inf) -> Steps[SpeechResult]:
        """Score 16 kHz mono PCM16 without knowing what was said; it begins at `start_ms`.

        At most `budget_s` (12 s or more) of it are listened to: pieces of up to 12 s, so that memory is
        bounded, each computed in steps of up to a second.
        """
        chosen = cut(pcm)
        heard: list[tuple[Chunk, Heard, RawScores | None]] = []
        words: list[WordPhones] = []
        unfit: list[Reason] = []
        voices: list[Floats] = []
        for chunk in spread(chosen, budget_s):
            samples = chunk.of(pcm)
            if (problem := _unfit(samples)) is not None:
                unfit.append(problem)
                continue
            piece = yield from self._ears.hear(samples)
            tracks = piece.tracks
            voices.append(stretches(voiced_frames(tracks.states[LAYER], tracks.voice, tracks.voicing)))
            raw: RawScores | None = None
            if tracks.voiced_s >= gate.MIN_VOICED_S and piece.words:
                reading = vectors.read(tracks, piece.words)
                raw = self._free.score(reading)
                offset_ms = start_ms + chunk.start * 1000 // SAMPLE_RATE
                words += spoken_words(piece, reading.phones, raw, self._floors, offset_ms)
            heard.append((chunk, _slim(piece), raw))
            yield
        result = _together(heard, tuple(words), unfit, whole=len(heard) + len(unfit) == len(chosen))
        if result.scores is not None and (reason := self._speakers.problem(voices)) is not None:
            return SpeechResult("none", reason)
        return result

    def assess_text(self, pcm: bytes, text: str) -> ReadingResult:
        """Score `text` read or repeated aloud. Raises ValueError for a text without words."""
        words = self._ears.pronounce(text)
        return self.assess_reading(pcm, [(word.text, word.phones) for word in words])

    def assess_reading(self, pcm: bytes, reference: Reference) -> ReadingResult:
        """Score words of which the phones are known. Raises ValueError for none, or a word without phones."""
        if not reference or not all(phones for _, phones in reference):
            raise ValueError("nothing to compare with: give a text of at least one English word")
        if len(pcm) > LONGEST_S * _PCM_BYTES_PER_S:
            return ReadingResult("none", "long_recording")
        samples = to_samples(pcm)
        if (problem := _unfit(samples)) is not None:
            return ReadingResult("none", problem)
        heard = at_once(self._ears.hear(samples, reference))
        if (reason := gate.reading_problem(heard)) is not None:
            return ReadingResult("none", reason)
        reading = vectors.read(heard.tracks, heard.words, heard.reference)
        raw = self._known.score(reading)
        return ReadingResult("ok", None, _scores(raw.utterance), read_words(heard, reading.phones, raw))


def _together(
    heard: Sequence[tuple[Chunk, Heard, RawScores | None]],
    words: tuple[WordPhones, ...],
    unfit: Sequence[Reason],
    *,
    whole: bool,
) -> SpeechResult:
    """Return the result of the pieces that were listened to; `unfit` says why others could not be."""
    if not heard:
        return SpeechResult("none", unfit[0])
    if (reason := gate.speech_problem([piece for _, piece, _ in heard])) is not None:
        return SpeechResult("none", reason)
    scored = [(raw.utterance, piece.tracks.voiced_s) for _, piece, raw in heard if raw is not None]
    if not scored:
        return SpeechResult("none", "insufficient_sample")
    lacking: Reason | None = unfit[0] if unfit else None if whole else "long_recording"
    return SpeechResult(
        status="ok" if lacking is None else "partial",
        reason=lacking,
        scores=_scores(np.average([u for u, _ in scored], axis=0, weights=[voiced for _, voiced in scored])),
        heard_ms=round(sum(chunk.seconds for chunk, _, _ in heard) * 1000),
        words=words,
    )


def _slim(heard: Heard) -> Heard:
    """Keep what decides whether speech can be scored; the arrays of a long answer are large together."""
    return replace(heard, tracks=replace(heard.tracks, states={}))


def _unfit(samples: Floats) -> Reason | None:
    recording = check_recording(samples)
    if recording.problem is not None:
        return recording.problem
    return "insufficient_sample" if len(samples) < MIN_SECONDS * SAMPLE_RATE else None


def _scores(utterance: Floats) -> PronunciationScores:
    accuracy, fluency, prosodic, total = (round(float(value) * 10, 1) for value in utterance)
    return PronunciationScores(accuracy, fluency, prosodic, total)
