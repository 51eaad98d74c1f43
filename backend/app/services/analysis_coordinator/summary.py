"""The fast summary: what is known the moment the exam stops. No bands."""

from collections.abc import Sequence
from typing import Any

from app.services.analysis_coordinator.measures import Measures, measure
from app.services.analysis_coordinator.ranking import finding_json, most_useful
from app.services.analysis_coordinator.turn import TurnAnalysis

MAX_FINDINGS = 3
MIN_WORDS_FOR_RATES = 20

_WHAT_NEXT = (
    (
        "We are now going through the whole test again. Your bands, with the reasons for each, follow in a "
        "moment."
    ),
    (
        "Endi butun testni yana bir bor ko‘rib chiqamiz. Ballaringiz va ularning sabablari birozdan keyin "
        "tayyor bo‘ladi."
    ),
)
_NOTHING_SAID = (
    "We did not hear an answer. Check that the microphone is on and near you, then start a new session.",
    "Javobingiz eshitilmadi. Mikrofon yoqilgan va yaqin turganini tekshirib, yangi mashqni boshlang.",
)
_LITTLE_SAID = (
    "You said only a little this time, so the analysis can be no more than a first impression.",
    "Bu safar kam gapirdingiz, shuning uchun tahlil faqat dastlabki taassurot bo‘ladi.",
)
MIN_WORDS = 150


def fast_summary(turns: Sequence[TurnAnalysis], *, mode: str, clock: str, reason: str) -> dict[str, Any]:
    """Sum up the answers analysed during the talk; pure and immediate.

    `mode`, `clock` and `reason` are the exam's own words and are passed on. Rates are None below twenty
    words.
    """
    rated = [t for t in turns if t.rated]
    measures = measure(rated)
    words = measures.language.words
    findings = most_useful([f for t in turns for f in t.language.findings], MAX_FINDINGS)
    if not words:
        text, text_uz = _NOTHING_SAID
    elif words < MIN_WORDS:
        text, text_uz = (" ".join(pair) for pair in zip(_LITTLE_SAID, _WHAT_NEXT, strict=True))
    else:
        text, text_uz = _WHAT_NEXT
    return {
        "status": "preliminary",
        "mode": mode,
        "clock": clock,
        "reason": reason,
        "answers": sum(bool(t.language.words) for t in rated),
        **delivery_figures(measures),
        "findings": [finding_json(f) for f in findings],
        "next": {"text": text, "text_uz": text_uz},
    }


def delivery_figures(measures: Measures) -> dict[str, Any]:
    """Return how much was said, and how; rates are None below twenty words."""
    delivery, words = measures.delivery, measures.language.words
    rates = words >= MIN_WORDS_FOR_RATES
    return {
        "words": words,
        "speaking_ms": delivery.phonation_ms,
        "response_ms": delivery.response_ms,
        "speech_rate_wpm": delivery.speech_rate_wpm if rates else None,
        "articulation_rate_sps": delivery.articulation_rate_sps if rates else None,
        "mean_length_run": delivery.mean_length_run if rates else None,
        "pauses": {
            "count": delivery.pause_count,
            "long": delivery.long_pause_count,
            "mean_ms": delivery.pause_mean_ms,
            "mid_clause_per_100w": delivery.mid_clause_pauses_per_100w if rates else None,
            "threshold_ms": delivery.pause_threshold_ms,
            "long_threshold_ms": delivery.long_pause_threshold_ms,
        },
        "filled_pauses_per_100w": delivery.filled_pauses_per_100w if rates else None,
    }
