"""How long the learner waits: measured at the client, on its own clock. Pure.

An answer's clock starts when its first or last sample of speech is spoken into the microphone, which is up to
one frame earlier than when it is sent: framing and sending are waiting too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from app.api.websocket.protocol import (
    AiReply,
    AnalysisReady,
    ServerMessage,
    SttPartial,
    SummaryReady,
    TurnState,
)


class Percentiles(TypedDict):
    """Milliseconds; None where nothing was measured."""

    p50: int | None
    p95: int | None


class TimingsReport(TypedDict):
    """All times in milliseconds, None where nothing was measured.

    `first_partial_ms`: first speech sample of an answer to its first partial transcript, median over answers.
    `turn_latency_ms`: last speech sample to the first byte of the examiner's voice, over the answers whose
    end the server heard for itself (not those the learner declared finished, nor those a limit cut short).
    `summary_ms`, `analysis_ms`: end of the session to the summary, and to the analysis.
    """

    first_partial_ms: int | None
    turn_latency_ms: Percentiles
    summary_ms: int | None
    analysis_ms: int | None


def percentile(values: Sequence[float], share: float) -> int | None:
    """Return the smallest value that at least `share` (0-1) of all values do not exceed, rounded."""
    if not values:
        return None
    ordered = sorted(values)
    return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)])


@dataclass(slots=True)
class _Answer:
    first: float
    silent_since: float | None = None
    partial: bool = False


class Timings:
    """Collects instants (seconds of one monotonic clock) and reports waits (milliseconds)."""

    def __init__(self) -> None:
        self.turn_latencies_ms: list[float] = []
        self.first_partials_ms: list[float] = []
        self._answer: _Answer | None = None
        self._ended: float | None = None
        self._summary_ms: float | None = None
        self._analysis_ms: float | None = None

    def speech_began(self, spoken_at: float) -> None:
        """A stretch of speech began: the answer's first, or another after a silence."""
        if self._answer is None:
            self._answer = _Answer(spoken_at)
        self._answer.silent_since = None

    def speech_paused(self, spoken_at: float) -> None:
        """A stretch of speech ended; whether the answer did, the server decides."""
        if self._answer is not None:
            self._answer.silent_since = spoken_at

    def answer_cut(self) -> None:
        """Nothing more will be said; an answer that was cut inside speech will not count."""
        if self._answer is not None and self._answer.silent_since is None:
            self._answer = None

    def answer_declared_over(self) -> None:
        """The answer's end was said, by its speaker or by a time limit: the server did not have to notice."""
        self._answer = None

    def partial_came(self, now: float) -> None:
        """A partial transcript arrived."""
        if self._answer is not None and not self._answer.partial:
            self._answer.partial = True
            self.first_partials_ms.append((now - self._answer.first) * 1000)

    def voice_came(self, now: float) -> None:
        """The first byte of an examiner's utterance arrived."""
        if self._answer is not None and self._answer.silent_since is not None:
            self.turn_latencies_ms.append((now - self._answer.silent_since) * 1000)
        self._answer = None

    def session_ended(self, now: float) -> None:
        """The session ended, by the client's word or the server's; the first of them counts."""
        if self._ended is None:
            self._ended = now

    def summary_came(self, now: float) -> None:
        """The summary arrived."""
        if self._ended is not None:
            self._summary_ms = (now - self._ended) * 1000

    def analysis_came(self, now: float) -> None:
        """The analysis was announced."""
        if self._ended is not None:
            self._analysis_ms = (now - self._ended) * 1000

    def event_came(self, event: ServerMessage, now: float) -> None:
        """An event arrived: take from it what belongs to the times."""
        match event:
            case SttPartial():
                self.partial_came(now)
            case AiReply(kind="stop"):
                self.answer_declared_over()
            case TurnState(state="ended"):
                self.session_ended(now)
            case SummaryReady():
                self.summary_came(now)
            case AnalysisReady():
                self.analysis_came(now)
            case _:
                pass

    def report(self) -> TimingsReport:
        """Return what was measured so far."""
        return TimingsReport(
            first_partial_ms=percentile(self.first_partials_ms, 0.5),
            turn_latency_ms=Percentiles(
                p50=percentile(self.turn_latencies_ms, 0.5), p95=percentile(self.turn_latencies_ms, 0.95)
            ),
            summary_ms=None if self._summary_ms is None else round(self._summary_ms),
            analysis_ms=None if self._analysis_ms is None else round(self._analysis_ms),
        )
