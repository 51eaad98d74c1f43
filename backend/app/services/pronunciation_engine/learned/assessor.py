"""Pronunciation as experts would rate it: free speech, or a text that is known."""

from collections.abc import Mapping, Sequence

import numpy as np

from app.services.pronunciation_engine.learned import gate, vectors
from app.services.pronunciation_engine.learned.chunks import STRETCH_S, Chunk, cut, windows
from app.services.pronunciation_engine.learned.phones import confusion_rates, read_words, spoken_words
from app.services.pronunciation_engine.learned.ports import LONGEST_S, Ears, Reference
from app.services.pronunciation_engine.learned.results import (
    PronunciationScores,
    ReadingResult,
    Reason,
    SpeechResult,
)
from app.services.pronunciation_engine.learned.scorer import Scorer
from app.services.pronunciation_engine.learned.types import Floats, Heard, RawScores
from app.services.pronunciation_engine.phones import WordPhones
from app.services.pronunciation_engine.quality import check_recording, to_samples
from app.services.speech import SAMPLE_RATE

BUDGET_S = 60.0
"""Of a longer answer, evenly spaced stretches of this length together are listened to."""

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
        self._floors = weights["free/phone_floor"]
        self._confusions = confusion_rates(weights["free/confused"])

    @property
    def confusions(self) -> Mapping[tuple[str, str], float]:
        """How often a well-said phone (first) looks like another (second) that was not said, 0-1."""
        return self._confusions

    def assess_speech(self, pcm: bytes, *, start_ms: int = 0, budget_s: float = BUDGET_S) -> SpeechResult:
        """Score 16 kHz mono PCM16 of any length without knowing what was said; it begins at `start_ms`.

        At most `budget_s` (12 s or more) of it are listened to, so time and memory are bounded.
        """
        count = len(pcm) // 2
        chosen = windows(count, max(budget_s, STRETCH_S))
        pieces: list[tuple[Chunk, Heard]] = []
        for window in chosen:
            samples = to_samples(pcm[window.start * 2 : window.end * 2])
            if (problem := _unfit(samples)) is not None:
                if len(chosen) == 1:
                    return SpeechResult("none", problem)
                continue
            for chunk in cut(samples, Chunk(0, len(samples))):
                heard = self._ears.hear(samples[chunk.start : chunk.end])
                pieces.append((Chunk(window.start + chunk.start, window.start + chunk.end), heard))
        if not pieces:
            return SpeechResult("none", "silence")
        if (reason := gate.speech_problem([heard for _, heard in pieces])) is not None:
            return SpeechResult("none", reason)
        return self._score_speech(pieces, start_ms, whole=len(chosen) == 1)

    def _score_speech(
        self, pieces: Sequence[tuple[Chunk, Heard]], start_ms: int, *, whole: bool
    ) -> SpeechResult:
        found: list[tuple[float, RawScores]] = []
        words: list[WordPhones] = []
        for chunk, heard in pieces:
            if heard.tracks.voiced_s < gate.MIN_VOICED_S or not heard.words:
                continue
            reading = vectors.read(heard.tracks, heard.words)
            raw = self._free.score(reading)
            found.append((heard.tracks.voiced_s, raw))
            offset_ms = start_ms + chunk.start * 1000 // SAMPLE_RATE
            words += spoken_words(heard, reading.phones, raw, self._floors, offset_ms)
        if not found:
            return SpeechResult("none", "insufficient_sample")
        weights = [voiced for voiced, _ in found]
        utterance = np.average([raw.utterance for _, raw in found], axis=0, weights=weights)
        return SpeechResult(
            status="ok" if whole else "partial",
            reason=None if whole else "long_recording",
            scores=_scores(utterance),
            heard_ms=round(sum(chunk.seconds for chunk, _ in pieces) * 1000),
            words=tuple(words),
        )

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
        heard = self._ears.hear(samples, reference)
        if (reason := gate.reading_problem(heard)) is not None:
            return ReadingResult("none", reason)
        reading = vectors.read(heard.tracks, heard.words, heard.reference)
        raw = self._known.score(reading)
        return ReadingResult("ok", None, _scores(raw.utterance), read_words(heard, reading.phones, raw))


def _unfit(samples: Floats) -> Reason | None:
    recording = check_recording(samples)
    if recording.problem is not None:
        return recording.problem
    return "insufficient_sample" if len(samples) < MIN_SECONDS * SAMPLE_RATE else None


def _scores(utterance: Floats) -> PronunciationScores:
    accuracy, fluency, prosodic, total = (round(float(value) * 10, 1) for value in utterance)
    return PronunciationScores(accuracy, fluency, prosodic, total)
