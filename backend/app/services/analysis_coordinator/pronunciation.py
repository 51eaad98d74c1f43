"""The places behind the pronunciation measures, each one playable, and what could not be measured."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from app.services.analysis_coordinator.evidence import Analysed
from app.services.pronunciation_engine import THRESHOLDS, UZBEK_WORD_STRESS, find_stress_pattern


def pronunciation_detail(turns: Sequence[Analysed]) -> dict[str, Any]:
    """Return, for rated answers in order: unclear words, filled pauses, patterns, gaps and thresholds.

    Times are session milliseconds. `not_measured` counts the answers a measure is missing from, by reason.
    """
    pattern = find_stress_pattern([s for _, a in turns for s in a.delivery.stress], UZBEK_WORD_STRESS)
    gaps = Counter((m.what, m.reason) for _, a in turns for m in a.delivery.not_measured)
    return {
        "unclear_words": [
            {"turn_id": t.turn_id, **asdict(u)} for t, a in turns for u in a.delivery.intelligibility.unclear
        ],
        "filled_pauses": [{"turn_id": t.turn_id, **asdict(f)} for t, a in turns for f in a.delivery.filled],
        "patterns": [asdict(pattern)] if pattern is not None else [],
        "not_measured": [
            {"what": what, "reason": reason, "answers": count}
            for (what, reason), count in sorted(gaps.items())
        ],
        "thresholds": dict(THRESHOLDS),
    }
