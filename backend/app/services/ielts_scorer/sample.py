"""What a test showed, as numbers with the places they come from. The scorer knows nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

JudgedState = Literal["met", "partly", "not_met"]


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

    `low` and `high` bound a value that is an estimate (an error density, the share of unclear words in a
    recording that hides some) and `count` is how many findings lie behind it: None for plain measurements.
    """

    value: float
    supporting: tuple[Evidence, ...] = ()
    opposing: tuple[Evidence, ...] = ()
    low: float | None = None
    high: float | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """A language model's word on one feature, with quotes that were found in the answers.

    `prompt` is the version of the prompt it was asked by, such as judge@1.
    """

    feature_id: str
    state: JudgedState
    evidence: tuple[Evidence, ...]
    model: str
    prompt: str


@dataclass(frozen=True, slots=True)
class Sample:
    """The rated answers of one test.

    `words` are meant words; `speech_ms` runs from first to last speech of each answer, None for a transcript
    without times. A measure that could not be taken is absent. `judgements` are those of a language model, by
    feature; empty where none judged.
    """

    words: int
    speech_ms: int | None
    measures: Mapping[str, Measure] = field(default_factory=dict)
    judgements: Mapping[str, Judgement] = field(default_factory=dict)
