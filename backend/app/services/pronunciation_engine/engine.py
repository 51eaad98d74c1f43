"""How one answer was spoken: intelligibility, timing, hesitation, pitch, rhythm and stress.

What cannot be said comes with the reason why.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Literal

from app.services.pronunciation_engine.acoustics import Acoustics, analyse_signal
from app.services.pronunciation_engine.alignment import Aligner
from app.services.pronunciation_engine.audibility import Audibility, measure_audibility
from app.services.pronunciation_engine.filled_pauses import (
    MIN_MEDIAN_PROBABILITY,
    FilledPause,
    find_filled_pauses,
)
from app.services.pronunciation_engine.intelligibility import (
    Intelligibility,
    intelligibility,
    judged_words,
)
from app.services.pronunciation_engine.pitch import Pitch, measure_pitch
from app.services.pronunciation_engine.quality import check_recording, to_samples
from app.services.pronunciation_engine.rhythm import Rhythm, measure_rhythm
from app.services.pronunciation_engine.sound_patterns import MIN_WORD_PROBABILITY, WEAK_WORDS
from app.services.pronunciation_engine.stress import WordStress, measure_stress
from app.services.pronunciation_engine.timing import Timing, measure_timing
from app.services.pronunciation_engine.turn_alignment import TurnAlignment, align_turn, retimed
from app.services.pronunciation_engine.voices import two_voices
from app.services.speech import SpokenTurn, Word

METHOD_VERSION = "delivery-3"
MIN_SPEECH_MS = 500
"""Less speech than this in one answer (a `yes`) says nothing about delivery."""

Status = Literal["ok", "partial", "none"]
Reason = Literal[
    "no_audio", "silence", "clipped", "insufficient_sample", "asr_unreliable", "not_aligned", "two_voices"
]
"""`two_voices`: a second person seems to speak, so that the pitch is nobody's."""

Measure = Literal["all", "pitch", "rhythm", "stress", "filled_pauses_in_sound"]

_UNSTRESSED = WEAK_WORDS | frozenset((
    "about", "above", "after", "again", "against", "because", "before", "behind", "below", "between",
    "during", "into", "only", "other", "over", "under", "until", "upon", "very", "without",
))  # fmt: skip
"""Words of little content; which of their syllables stands out depends on the sentence."""


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """Something that this answer does not allow to be measured, and why."""

    what: Measure
    reason: Reason


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one answer's sound shows; all times are session milliseconds.

    `status` is `ok`, `partial` (see `not_measured`) or `none`; `reason` is the main one. `probabilities` are
    those of the words that count, kept so that several answers can be judged together. `stress` holds content
    words only. `audibility` is None where the sound does not tell it.
    """

    status: Status
    reason: Reason | None = None
    timing: Timing | None = None
    intelligibility: Intelligibility = field(default_factory=lambda: intelligibility(()))
    probabilities: tuple[float, ...] = ()
    filled: tuple[FilledPause, ...] = ()
    pitch: Pitch | None = None
    rhythm: Rhythm | None = None
    stress: tuple[WordStress, ...] = ()
    audibility: Audibility | None = None
    not_measured: tuple[NotMeasured, ...] = ()
    method_version: str = METHOD_VERSION

    @property
    def filled_pauses(self) -> int:
        """How many filled pauses were recognised or heard."""
        return len(self.filled)


def assess_delivery(
    speech: SpokenTurn,
    pcm: bytes,
    *,
    clause_starts: Sequence[int] = (),
    fillers: Sequence[int] = (),
    aligner: Aligner | None = None,
) -> Delivery:
    """Assess one answer.

    `pcm` is the answer's 16 kHz mono PCM16 from the turn's start, empty where no sound is kept: then only
    voice activity and words count. `clause_starts` and `fillers` are indices into `speech.words`. Without an
    aligner there is no rhythm, no stress, and filled pauses come from the words alone.
    """
    samples = to_samples(pcm)
    recording = check_recording(samples)
    can_align = aligner is not None and recording.problem in {None, "clipped"}
    alignment = align_turn(speech, pcm, aligner) if aligner is not None and can_align else TurnAlignment()
    words = retimed(speech, alignment)
    judged = judged_words(words, fillers)
    said = tuple(FilledPause(words[i].start_ms, words[i].end_ms, "text") for i in fillers)
    timing = measure_timing(speech.spans, words, clause_starts, fillers)
    delivery = Delivery(
        status="none",
        timing=timing,
        intelligibility=intelligibility(judged),
        probabilities=tuple(round(w.probability, 3) for w in judged),
        filled=said,
    )
    if recording.problem == "silence" or timing is None:
        reason: Reason = "no_audio" if recording.problem == "no_audio" else "silence"
        return _nothing(replace(delivery, timing=None), reason)
    if timing.phonation_ms < MIN_SPEECH_MS:
        return _nothing(delivery, "insufficient_sample")
    if not judged:
        return _nothing(delivery, "asr_unreliable")
    signal = analyse_signal(samples) if recording.problem is None else None
    if recording.problem is None:
        delivery = replace(delivery, audibility=measure_audibility(samples))
    return _Recorded(speech, words, alignment, signal, recording.problem).add_to(delivery)


def _nothing(delivery: Delivery, reason: Reason) -> Delivery:
    return replace(delivery, reason=reason, not_measured=(NotMeasured("all", reason),))


@dataclass(frozen=True, slots=True)
class _Recorded:
    """An answer with its sound. `signal` is None where the recording has a `problem`."""

    speech: SpokenTurn
    words: Sequence[Word]
    alignment: TurnAlignment
    signal: Acoustics | None
    problem: Reason | None

    def add_to(self, delivery: Delivery) -> Delivery:
        """Add what the sound shows, and what it does not."""
        several = self.signal is not None and two_voices(self.signal)
        pitch = measure_pitch(self.signal) if self.signal is not None and not several else None
        missing = self._missing(delivery, pitch, several=several)
        lacking = {m.what for m in missing}
        heard = () if "filled_pauses_in_sound" in lacking else self._heard()
        filled = sorted((*delivery.filled, *heard), key=lambda f: (f.start_ms, f.end_ms))
        return replace(
            delivery,
            status="partial" if missing else "ok",
            reason=missing[0].reason if missing else None,
            filled=tuple(filled),
            pitch=pitch,
            rhythm=None if "rhythm" in lacking else self._rhythm(delivery.timing),
            stress=() if "stress" in lacking else self._stress(),
            not_measured=missing,
        )

    def _missing(self, delivery: Delivery, pitch: Pitch | None, *, several: bool) -> tuple[NotMeasured, ...]:
        found: list[NotMeasured] = []
        if several:
            found.append(NotMeasured("pitch", "two_voices"))
        elif pitch is None:
            found.append(NotMeasured("pitch", self.problem or "insufficient_sample"))
        if not self.alignment.words:
            found.append(NotMeasured("rhythm", "no_audio" if self.problem == "no_audio" else "not_aligned"))
        if self.signal is None or not self.alignment.words:
            reason = self.problem or "not_aligned"
            found += [NotMeasured("stress", reason), NotMeasured("filled_pauses_in_sound", reason)]
        elif median(delivery.probabilities) < MIN_MEDIAN_PROBABILITY:
            found.append(NotMeasured("filled_pauses_in_sound", "asr_unreliable"))
        return tuple(found)

    def _rhythm(self, timing: Timing | None) -> Rhythm | None:
        pauses = timing.pauses if timing is not None else ()
        start_ms = self.speech.start_ms
        silences = [(p.start_ms - start_ms, p.end_ms - start_ms) for p in pauses]
        return measure_rhythm(self.alignment.words, silences)

    def _stress(self) -> tuple[WordStress, ...]:
        assert self.signal is not None
        texts = [w.text.strip().strip('.,!?;:"…') for w in self.words]
        clear = [
            w
            for w in self.alignment.words
            if self.words[w.index].probability >= MIN_WORD_PROBABILITY
            and texts[w.index].lower() not in _UNSTRESSED
        ]
        start_ms = self.speech.start_ms
        return tuple(
            replace(s, start_ms=s.start_ms + start_ms, end_ms=s.end_ms + start_ms)
            for s in measure_stress(self.signal, clear, texts)
        )

    def _heard(self) -> tuple[FilledPause, ...]:
        assert self.signal is not None
        start_ms = self.speech.start_ms
        covered = [(w.start_ms - start_ms, w.end_ms - start_ms) for w in self.words]
        return tuple(
            replace(f, start_ms=f.start_ms + start_ms, end_ms=f.end_ms + start_ms)
            for f in find_filled_pauses(self.signal, [*covered, *self.alignment.missing])
        )
