"""Under what conditions an exam was sat: interruptions, waits, failures; none is the learner's doing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.api.websocket.latency import TurnLatency


@dataclass(slots=True)
class Conditions:
    """Counted while the exam goes on; stated with its summary."""

    disconnects: int = 0
    away_ms: int = 0
    latencies: list[TurnLatency] = field(default_factory=list)

    def to_json(self, *, untranscribed: int) -> dict[str, Any]:
        """Return the conditions; times in milliseconds, percentiles None where nothing was measured."""
        totals = [latency.total_ms for latency in self.latencies]
        computing = [latency.transcript_ms + latency.reply_ms for latency in self.latencies]
        return {
            "disconnects": self.disconnects,
            "away_ms": self.away_ms,
            "untranscribed_answers": untranscribed,
            "turn_latency_ms": {"p50": _percentile(totals, 0.5), "p95": _percentile(totals, 0.95)},
            "turn_computing_ms": {"p50": _percentile(computing, 0.5), "p95": _percentile(computing, 0.95)},
        }


def _percentile(values: Sequence[int], share: float) -> int | None:
    """Return the smallest value that at least `share` (0-1) of all values do not exceed."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
