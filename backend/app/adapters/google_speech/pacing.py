"""How long streams to Google last, and how long its silence is borne."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pacing:
    """Google ends a stream after five minutes. Ours is closed in the first pause after `rotate_after_s`, or
    wherever it is after `rotate_by_s`; the next one hears the last `overlap_ms` again.

    A stream that fails is opened again after a random pause of at most `retry_s`, then twice that, up to
    `attempts` failures in a row. Google is given up when it says nothing for `stalled_s` of speech, or when
    the last transcript is not there `finish_s` after the end of the turn.
    """

    rotate_after_s: float = 235.0
    rotate_by_s: float = 285.0
    overlap_ms: int = 1_000
    attempts: int = 3
    retry_s: float = 0.4
    stalled_s: float = 6.0
    finish_s: float = 4.0
