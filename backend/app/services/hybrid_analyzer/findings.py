"""What the analyzer tells a learner about one place in an answer."""

import hashlib
from dataclasses import dataclass
from typing import Literal

Severity = Literal["low", "medium", "high"]
"""Usual effect on being understood; not a band weight."""

Source = Literal["rule", "lm", "llm", "rule+llm"]
"""What saw it: a rule, a rule over the word model, a language model, or both a rule and a language model."""

Criterion = Literal["fluency_coherence", "lexical_resource", "grammatical_range_accuracy", "pronunciation"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One place in an answer that could be better, with its correction.

    `category` is an ERRANT type (`R:VERB:SVA`). Characters count in the turn's own text, the end exclusive;
    `quote` is exactly that stretch. Times are session milliseconds, None where the words carry no times.
    `confidence` is 0-1.
    """

    id: str
    rule_id: str
    category: str
    criterion: Criterion
    severity: Severity
    confidence: float
    source: Source
    turn_id: str
    char_start: int
    char_end: int
    start_ms: int | None
    end_ms: int | None
    quote: str
    correction: str
    explanation: str
    explanation_uz: str | None = None
    rule_version: int = 1


def finding_id(turn_id: str, rule_id: str, char_start: int, char_end: int) -> str:
    """Return an id that is the same whenever the same rule flags the same place of the same turn."""
    key = f"{turn_id}\x1f{rule_id}\x1f{char_start}\x1f{char_end}"
    return "f_" + hashlib.sha256(key.encode()).hexdigest()[:16]
