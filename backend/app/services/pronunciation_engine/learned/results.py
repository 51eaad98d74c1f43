"""What the learned scores say, in the field's names: scores are 0-100, times milliseconds."""

from dataclasses import dataclass, field
from typing import Literal

from app.services.pronunciation_engine.phones import PhoneScore, WordPhones

METHOD_VERSION = "pronunciation-3"

Status = Literal["ok", "partial", "none"]
Reason = Literal[
    "no_audio",
    "silence",
    "clipped",
    "insufficient_sample",
    "no_speech",
    "asr_unreliable",
    "other_language",
    "other_text",
    "two_voices",
    "child_voice",
    "long_recording",
    "unavailable",
]
"""Why there is no score (status `none`), or less than a whole one (`partial`).

`no_speech`: there is sound, but no voice (music, noise). `other_text`: what was read is not the given text.
`two_voices`: a second person seems to speak. `child_voice`: the scores are not for children.
`long_recording`: only stretches of the recording were listened to. `unavailable`: the models are not loaded.
"""

ErrorType = Literal["None", "Omission", "Mispronunciation"]


@dataclass(frozen=True, slots=True)
class PronunciationScores:
    """How experts would rate the speech, 0-100; `pronunciation_score` is their total."""

    accuracy_score: float
    fluency_score: float
    prosody_score: float
    pronunciation_score: float


@dataclass(frozen=True, slots=True)
class WordResult:
    """One word of a known text. A word that was left out has no length, and its phones no sound."""

    word: str
    accuracy_score: float
    error_type: ErrorType
    start_ms: int
    end_ms: int
    phones: tuple[PhoneScore, ...]


@dataclass(frozen=True, slots=True)
class SpeechResult:
    """Scores of free speech, or the reason why there are none.

    `heard_ms` is how much was listened to. What was meant is not known, so the phones of `words` are only
    possible ones: good for patterns over many words, not for a verdict on one.
    """

    status: Status
    reason: Reason | None = None
    scores: PronunciationScores | None = None
    heard_ms: int = 0
    words: tuple[WordPhones, ...] = ()
    method_version: str = METHOD_VERSION


@dataclass(frozen=True, slots=True)
class ReadingResult:
    """Scores of a known text read or repeated aloud, word by word."""

    status: Status
    reason: Reason | None = None
    scores: PronunciationScores | None = None
    words: tuple[WordResult, ...] = field(default=())
    method_version: str = METHOD_VERSION
