"""What a rule is: a declared fact about a mistake, and a function that finds it in a reading."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from app.services.hybrid_analyzer.findings import Criterion, Severity, Source
from app.services.hybrid_analyzer.reading import Reading


@dataclass(frozen=True, slots=True)
class Hit:
    """One place a rule points at, in characters of the clean text (end exclusive).

    `correction` replaces exactly that stretch. `slots` fill the explanation beyond {quote} and {correction}.
    """

    start: int
    end: int
    correction: str
    slots: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence with the mistake, and the same sentence as the rule would correct it."""

    wrong: str
    right: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A declared rule.

    `confidence` is the precision expected of its hits (0-1). `function_words` marks rules about weak words
    that recognisers lose or invent; when also of low severity, their neighbours must be heard clearly.
    `good` are correct sentences that must not be flagged, `bad` are mistakes that must be, with the
    correction that results. `version` grows when the rule is changed so much that what learners said about
    its findings no longer holds.
    """

    id: str
    family: str
    category: str
    severity: Severity
    confidence: float
    explanation: str
    explanation_uz: str
    good: tuple[str, ...]
    bad: tuple[Example, ...]
    find: Callable[[Reading], Iterator[Hit]]
    criterion: Criterion = "grammatical_range_accuracy"
    function_words: bool = False
    source: Source = "rule"
    version: int = 1


def hit(reading: Reading, first: int, last: int, correction: str, **slots: str) -> Hit:
    """Build a hit on tokens `first` to `last` (both included)."""
    return Hit(reading.tokens[first].start, reading.tokens[last].end, correction, slots)
