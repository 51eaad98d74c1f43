"""What the learned scores say, in the field's names: scores are 0-100, times milliseconds."""

from dataclasses import dataclass, field
from typing import Literal

METHOD_VERSION = "pronunciation-1"

Status = Literal["ok", "partial", "none"]
Reason = Literal[
    "no_audio",
    "silence",
    "clipped",
    "insufficient_sample",
    "no_speech",
    "asr_unreliable",
    "other_language",
    "several_speakers",
    "other_text",
    "long_recording",
    "unavailable",
]
"""Why there is no score (status `none`), or less than a whole one (`partial`).

`no_speech`: there is sound, but no voice (music, noise). `other_text`: what was read is not the given text.
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
class PhoneResult:
    """One phone: what was expected, how well it was heard, and the phone it sounded most like.

    A phone of a word that was left out sounds like nothing and has no times.
    """

    phone: str
    accuracy_score: float
    sound_most_like: str | None
    start_ms: int | None
    end_ms: int | None


@dataclass(frozen=True, slots=True)
class WordResult:
    """One word of a known text. A word that was left out has no times."""

    word: str
    accuracy_score: float
    error_type: ErrorType
    start_ms: int | None
    end_ms: int | None
    phones: tuple[PhoneResult, ...]


@dataclass(frozen=True, slots=True)
class PossibleSlip:
    """A phone in free speech that may have been another one. What was meant is guessed, so: only possible."""

    word: str
    phone: PhoneResult


@dataclass(frozen=True, slots=True)
class SpeechResult:
    """Scores of free speech, or the reason why there are none. `heard_ms` is how much was listened to."""

    status: Status
    reason: Reason | None = None
    scores: PronunciationScores | None = None
    heard_ms: int = 0
    possible: tuple[PossibleSlip, ...] = ()
    method_version: str = METHOD_VERSION


@dataclass(frozen=True, slots=True)
class ReadingResult:
    """Scores of a known text read or repeated aloud, word by word."""

    status: Status
    reason: Reason | None = None
    scores: PronunciationScores | None = None
    words: tuple[WordResult, ...] = field(default=())
    method_version: str = METHOD_VERSION
