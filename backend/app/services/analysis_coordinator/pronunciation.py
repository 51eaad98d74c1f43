"""The places behind the pronunciation measures, each one playable, and what could not be measured."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from app.services.analysis_coordinator.evidence import Analysed
from app.services.pronunciation_engine import (
    GUESSING_VERSION,
    THRESHOLDS,
    UZBEK_WORD_STRESS,
    WordPhones,
    compare_readings,
    find_stress_pattern,
    judged_words,
)

MAX_GUESSED = 40


def pronunciation_detail(
    turns: Sequence[Analysed], again: Mapping[str, Sequence[WordPhones]]
) -> dict[str, Any]:
    """Return, for rated answers in order: intelligibility, filled pauses, patterns, gaps and thresholds.

    Times are session milliseconds. `again` holds the words of a second reading by turn id, where there is
    one. `not_measured` counts the answers a measure is missing from, by reason.
    """
    pattern = find_stress_pattern([s for _, a in turns for s in a.delivery.stress], UZBEK_WORD_STRESS)
    gaps: Counter[tuple[str, str]] = Counter(
        (m.what, m.reason) for _, a in turns for m in a.delivery.not_measured
    )
    unread = sum(not again.get(t.turn_id) and bool(a.delivery.probabilities) for t, a in turns)
    if unread:
        gaps["decode_disagreement", "no_second_reading"] = unread
    return {
        "intelligibility": _intelligibility(turns, again),
        "filled_pauses": [{"turn_id": t.turn_id, **asdict(f)} for t, a in turns for f in a.delivery.filled],
        "patterns": [asdict(pattern)] if pattern is not None else [],
        "not_measured": [
            {"what": what, "reason": reason, "answers": count}
            for (what, reason), count in sorted(gaps.items())
        ],
        "thresholds": dict(THRESHOLDS),
    }


def _intelligibility(turns: Sequence[Analysed], again: Mapping[str, Sequence[WordPhones]]) -> dict[str, Any]:
    """Return how many of the words a listener would have to guess, and which (the hardest first)."""
    readings = [
        (
            t.turn_id,
            compare_readings(judged_words(t.speech.words, a.language.filler_words), again.get(t.turn_id, ())),
        )
        for t, a in turns
    ]
    words = sum(r.words for _, r in readings)
    compared = sum(r.compared for _, r in readings)
    guessed = [(turn_id, g) for turn_id, r in readings for g in r.guessed]
    hardest = sorted(guessed, key=lambda x: (x[1].chance, x[1].start_ms))[:MAX_GUESSED]
    return {
        "words": words,
        "compared_words": compared,
        "disagreement_ratio": round(sum(r.disagreed for _, r in readings) / compared, 4)
        if compared
        else None,
        "guessed_ratio": round(len(guessed) / words, 4) if words else None,
        "guessed_words": [{"turn_id": turn_id, **asdict(g)} for turn_id, g in hardest],
        "method_version": GUESSING_VERSION,
    }
