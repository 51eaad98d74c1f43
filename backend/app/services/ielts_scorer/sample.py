"""What a test showed, as numbers with the places they come from. The scorer knows nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Evidence:
    """A stretch of the learner's own words; times are session ms, None for a written transcript."""

    quote: str
    turn_id: str
    start_ms: int | None
    end_ms: int | None


@dataclass(frozen=True, slots=True)
class Measure:
    """A number, with examples that pull it up (`supporting`) and down (`opposing`).

    `low` and `high` bound a value that is an estimate (an error density) and `count` is how many findings lie
    behind it: None for plain measurements.
    """

    value: float
    supporting: tuple[Evidence, ...] = ()
    opposing: tuple[Evidence, ...] = ()
    low: float | None = None
    high: float | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """The rated answers of one test.

    `words` are meant words; `speech_ms` runs from first to last speech of each answer, None for a transcript
    without times. A measure that could not be taken is absent.
    """

    words: int
    speech_ms: int | None
    measures: Mapping[str, Measure] = field(default_factory=dict)
