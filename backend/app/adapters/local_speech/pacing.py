"""When a turn is decoded."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pacing:
    """All in milliseconds of audio.

    A partial comes `first_partial_ms` into an utterance and then every `partial_every_ms`, less often when
    decoding takes more than half of that. A pause is decoded ahead once it has lasted `ahead_after_ms`. An
    utterance ends at a pause of `long_pause_ms`, of `pause_ms` once it lasts `utterance_ms`, of
    `grown_pause_ms` once it lasts `grown_ms` (to decode it yet again would take too long), and is cut at its
    quietest point of the last `cut_within_ms` before it exceeds `longest_ms`. Of the silence before the next
    utterance, the last `lead_ms` are kept.
    """

    first_partial_ms: int = 700
    partial_every_ms: int = 1_000
    ahead_after_ms: int = 200
    utterance_ms: int = 10_000
    pause_ms: int = 500
    grown_ms: int = 12_000
    grown_pause_ms: int = 250
    long_pause_ms: int = 3_000
    longest_ms: int = 28_000
    cut_within_ms: int = 5_000
    lead_ms: int = 1_000
