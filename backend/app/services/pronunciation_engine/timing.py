"""Pauses, runs and rates of one answer, from voice activity and word times.

Only time between the learner's first and last speech of the answer counts, so the examiner's voice, network
and recognition time are never a pause.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.services.pronunciation_engine.syllables import count_syllables
from app.services.speech import SpeechSpan, Word

PAUSE_MS = 250
"""A silence from here on is a pause (De Jong & Bosker 2013). Durations are kept, so it can be recomputed."""

LONG_PAUSE_MS = 1_000

Place = Literal["mid_clause", "boundary", "unknown"]


@dataclass(frozen=True, slots=True)
class Pause:
    """A silence inside an answer (session ms), where it fell, and the words on both sides of it."""

    start_ms: int
    end_ms: int
    place: Place
    before: str
    after: str

    @property
    def duration_ms(self) -> int:
        """Its length in milliseconds."""
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True)
class Run:
    """Speech between two pauses: its syllables, and its first and last moment (session ms)."""

    syllables: int
    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Timing:
    """`response_ms` runs from first to last speech, `phonation_ms` is that less the pauses."""

    response_ms: int
    phonation_ms: int
    syllables: int
    pauses: tuple[Pause, ...]
    runs: tuple[Run, ...]


def _merged(spans: Sequence[SpeechSpan]) -> list[tuple[int, int]]:
    """Join spans whose gap is too short to be a pause."""
    merged: list[tuple[int, int]] = []
    for span in sorted(spans, key=lambda s: (s.start_ms, s.end_ms)):
        if span.end_ms <= span.start_ms:
            continue
        if merged and span.start_ms - merged[-1][1] < PAUSE_MS:
            merged[-1] = (merged[-1][0], max(merged[-1][1], span.end_ms))
        else:
            merged.append((span.start_ms, span.end_ms))
    return merged


def measure_timing(
    spans: Sequence[SpeechSpan],
    words: Sequence[Word],
    clause_starts: Sequence[int],
    fillers: Sequence[int],
) -> Timing | None:
    """Measure one answer; None when no speech was detected.

    `clause_starts` and `fillers` are indices into `words`. A pause is placed by the word that follows it:
    word times are good to about 100 ms, which is enough to tell which word that is.
    """
    stretches = _merged(spans)
    if not stretches:
        return None
    middles = [(w.start_ms + w.end_ms) // 2 for w in words]
    order = sorted(range(len(words)), key=lambda i: middles[i])
    sorted_middles = [middles[i] for i in order]
    boundaries, filled = frozenset(clause_starts), frozenset(fillers)

    pauses: list[Pause] = []
    runs: list[Run] = []
    first_word = 0
    for number, (start, end) in enumerate(stretches):
        following = stretches[number + 1][0] if number + 1 < len(stretches) else None
        cut = len(order) if following is None else bisect_left(sorted_middles, (end + following) // 2)
        inside = sorted(order[first_word:cut])
        syllables = sum(count_syllables(words[i].text) for i in inside if i not in filled)
        text = " ".join(words[i].text.strip() for i in inside)
        runs.append(Run(syllables, start, end, text))
        if following is not None:
            after = order[cut] if cut < len(order) else None
            before = order[cut - 1] if cut > 0 else None
            place: Place = "unknown"
            if after is not None and before is not None:
                place = "boundary" if after in boundaries else "mid_clause"
            pauses.append(
                Pause(
                    end,
                    following,
                    place,
                    words[before].text.strip() if before is not None else "",
                    words[after].text.strip() if after is not None else "",
                )
            )
        first_word = cut
    response = stretches[-1][1] - stretches[0][0]
    return Timing(
        response_ms=response,
        phonation_ms=response - sum(p.duration_ms for p in pauses),
        syllables=sum(r.syllables for r in runs),
        pauses=tuple(pauses),
        runs=tuple(runs),
    )
