"""Several answers judged together: sums first, then rates, so that long answers weigh more."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from app.services.pronunciation_engine.audibility import allowance, allowing_for, together
from app.services.pronunciation_engine.engine import Delivery
from app.services.pronunciation_engine.intelligibility import UNCLEAR_BELOW, likely_unclear
from app.services.pronunciation_engine.rhythm import npvi_v, varco_v
from app.services.pronunciation_engine.timing import LONG_PAUSE_MS, PAUSE_MS

MIN_STRESS_WORDS = 10


@dataclass(frozen=True, slots=True)
class DeliverySummary:
    """Measures of delivery over several answers; None where nothing supports a value.

    Rates carry their unit: words per minute of answering time, syllables per second of voice, per 100 words.
    `mean_length_run` is in syllables, shares and ratios are 0-1, times are milliseconds. `npvi_v` and
    `varco_v` are in percent. `stress_moved_ratio` is the share of `stress_words` in which another syllable
    than the dictionary's stood out. `filled_pauses_heard` counts those that were not recognised as words.

    `median_probability` and `unclear_share` are what they would likely be in a quiet and wide recording:
    `channel_allowance` is the log-odds that each word is granted for what this one hides (see audibility).
    `unclear_share_heard` counts the words as they were recognised.
    """

    answers: int
    words: int
    syllables: int
    response_ms: int
    phonation_ms: int
    speech_rate_wpm: float | None
    speech_rate_sps: float | None
    articulation_rate_sps: float | None
    phonation_ratio: float | None
    mean_length_run: float | None
    pause_count: int
    pause_mean_ms: int | None
    long_pause_count: int
    long_pauses_per_100w: float | None
    silent_pauses_per_100w: float | None
    mid_clause_pauses_per_100w: float | None
    boundary_pauses_per_100w: float | None
    mid_clause_pause_ratio: float | None
    filled_pauses_per_100w: float | None
    median_probability: float | None
    unclear_share: float | None
    unclear_share_heard: float | None
    channel_allowance: float
    pitch_median_hz: float | None
    pitch_range_semitones: float | None
    pitch_sd_semitones: float | None
    pitch_movement_st_s: float | None
    npvi_v: float | None
    varco_v: float | None
    stress_words: int
    stress_moved_ratio: float | None
    filled_pauses_heard: int
    pause_threshold_ms: int = PAUSE_MS
    long_pause_threshold_ms: int = LONG_PAUSE_MS


def _per(amount: float, base: float, scale: float = 1.0, digits: int = 2) -> float | None:
    return round(amount / base * scale, digits) if base > 0 else None


def summarise(deliveries: Sequence[Delivery], meant_words: Sequence[int]) -> DeliverySummary:
    """Add up answers. `meant_words` says for each how many words it holds without disfluencies.

    Answers without timing count towards intelligibility only.
    """
    timed = [
        (d.timing, n)
        for d, n in zip(deliveries, meant_words, strict=True)
        if d.timing is not None and d.status != "none"
    ]
    words = sum(n for _, n in timed)
    response = sum(t.response_ms for t, _ in timed)
    phonation = sum(t.phonation_ms for t, _ in timed)
    syllables = sum(t.syllables for t, _ in timed)
    pauses = [p for t, _ in timed for p in t.pauses]
    runs = [r for t, _ in timed for r in t.runs if r.syllables]
    placed = [p for p in pauses if p.place != "unknown"]
    mid = sum(p.place == "mid_clause" for p in placed)
    long = sum(p.duration_ms >= LONG_PAUSE_MS for p in pauses)
    heard = [p for d in deliveries for p in d.probabilities]
    allowed = allowance(together([d.audibility for d in deliveries if d.audibility is not None]))
    likely = [allowing_for(allowed, p) for p in heard]
    pitched = [d.pitch for d in deliveries if d.pitch is not None]
    voiced = sum(p.voiced_frames for p in pitched)
    spoken = [d for d in deliveries if d.timing is not None and d.status != "none"]
    filled = [f for d in spoken for f in d.filled]
    rhythms = [d.rhythm for d in spoken if d.rhythm is not None]
    stressed = [s for d in spoken for s in d.stress]
    moved = sum(s.heard not in {None, s.expected} for s in stressed)
    return DeliverySummary(
        answers=len(timed),
        words=words,
        syllables=syllables,
        response_ms=response,
        phonation_ms=phonation,
        speech_rate_wpm=_per(words, response, 60_000, 1),
        speech_rate_sps=_per(syllables, response, 1_000),
        articulation_rate_sps=_per(syllables, phonation, 1_000),
        phonation_ratio=_per(phonation, response, digits=3),
        mean_length_run=_per(syllables, len(runs)),
        pause_count=len(pauses),
        pause_mean_ms=round(sum(p.duration_ms for p in pauses) / len(pauses)) if pauses else None,
        long_pause_count=long,
        long_pauses_per_100w=_per(long, words, 100),
        silent_pauses_per_100w=_per(len(pauses), words, 100),
        mid_clause_pauses_per_100w=_per(mid, words, 100) if placed or not pauses else None,
        boundary_pauses_per_100w=_per(len(placed) - mid, words, 100) if placed or not pauses else None,
        mid_clause_pause_ratio=_per(mid, len(placed), digits=3),
        filled_pauses_per_100w=_per(len(filled), words, 100),
        median_probability=round(median(likely), 3) if likely else None,
        unclear_share=round(likely_unclear(likely), 4) if likely else None,
        unclear_share_heard=_per(sum(p < UNCLEAR_BELOW for p in heard), len(heard), digits=4),
        channel_allowance=allowed,
        pitch_median_hz=round(sum(p.median_hz * p.voiced_frames for p in pitched) / voiced, 1)
        if voiced
        else None,
        pitch_range_semitones=_per(sum(p.range_semitones * p.voiced_frames for p in pitched), voiced),
        pitch_sd_semitones=_per(sum(p.sd_semitones * p.voiced_frames for p in pitched), voiced),
        pitch_movement_st_s=_per(sum(p.movement_st_s * p.voiced_frames for p in pitched), voiced),
        npvi_v=npvi_v(rhythms),
        varco_v=varco_v(rhythms),
        stress_words=len(stressed),
        stress_moved_ratio=_per(moved, len(stressed), digits=3)
        if len(stressed) >= MIN_STRESS_WORDS
        else None,
        filled_pauses_heard=sum(f.source == "audio" for f in filled),
    )
