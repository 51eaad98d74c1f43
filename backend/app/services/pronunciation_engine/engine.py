"""How one answer was spoken: intelligibility, timing and pitch, or the reason why that cannot be said."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from app.services.pronunciation_engine.intelligibility import (
    Intelligibility,
    intelligibility,
    judged_words,
)
from app.services.pronunciation_engine.pitch import Pitch, estimate_pitch
from app.services.pronunciation_engine.quality import check_recording, to_samples
from app.services.pronunciation_engine.timing import LONG_PAUSE_MS, PAUSE_MS, Timing, measure_timing
from app.services.speech import SpokenTurn

METHOD_VERSION = "delivery-1"
MIN_SPEECH_MS = 500
"""Less speech than this in one answer (a `yes`) says nothing about delivery."""

Status = Literal["ok", "partial", "none"]
Reason = Literal["no_audio", "silence", "clipped", "insufficient_sample", "asr_unreliable"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one answer's sound shows.

    `status` is `ok`, `partial` (something is missing, see `reason`) or `none`. `probabilities` are those of
    the words that count, kept so that several answers can be judged together. Thresholds are those used.
    """

    status: Status
    reason: Reason | None = None
    timing: Timing | None = None
    intelligibility: Intelligibility = field(default_factory=lambda: intelligibility(()))
    probabilities: tuple[float, ...] = ()
    filled_pauses: int = 0
    pitch: Pitch | None = None
    pause_threshold_ms: int = PAUSE_MS
    long_pause_threshold_ms: int = LONG_PAUSE_MS
    method_version: str = METHOD_VERSION


def assess_delivery(
    speech: SpokenTurn, pcm: bytes, *, clause_starts: Sequence[int] = (), fillers: Sequence[int] = ()
) -> Delivery:
    """Assess one answer.

    `pcm` is the answer's 16 kHz mono PCM16, empty where no sound is kept: then pitch is left out and the rest
    comes from voice activity and words. `clause_starts` and `fillers` are indices into `speech.words`.
    """
    words = speech.words
    judged = judged_words(words, fillers)
    clarity = intelligibility(judged)
    probabilities = tuple(round(w.probability, 3) for w in judged)
    samples = to_samples(pcm)
    recording = check_recording(samples)
    timing = measure_timing(speech.spans, words, clause_starts, fillers)
    if recording.problem == "silence" or timing is None:
        reason: Reason = "silence" if recording.problem in {"silence", None, "clipped"} else "no_audio"
        return Delivery("none", reason, None, clarity, probabilities, len(fillers))
    if timing.phonation_ms < MIN_SPEECH_MS or not judged:
        reason = "insufficient_sample" if timing.phonation_ms < MIN_SPEECH_MS else "asr_unreliable"
        return Delivery("none", reason, timing, clarity, probabilities, len(fillers))
    return Delivery(
        status="ok" if recording.problem is None else "partial",
        reason=recording.problem,
        timing=timing,
        intelligibility=clarity,
        probabilities=probabilities,
        filled_pauses=len(fillers),
        pitch=estimate_pitch(samples) if recording.problem is None else None,
    )
