"""Confidence from measurement: how many of a rule's flags were right on learner language it was read on."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from app.services.hybrid_analyzer.rules.base import Rule

MIN_ALONE = 0.8
"""A rule below this points at places but raises no finding by itself."""

DECLARED_WEIGHT = 8
"""The declared confidence counts as much as this many flags that were read."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Flags of one rule that were read or held against annotators, and how many of them were right."""

    flags: int
    right: int

    def __post_init__(self) -> None:
        if not 0 <= self.right <= self.flags:
            raise ValueError(f"{self.right} right of {self.flags} flags cannot be")


def read_measured(path: Path) -> dict[str, Measured]:
    """Read {rule id: {flags, right}}. Raises OSError, ValueError, TypeError or KeyError for a bad file."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    return {rule: Measured(flags=row["flags"], right=row["right"]) for rule, row in rows.items()}


def with_measured_confidence(rules: Iterable[Rule], measured: Mapping[str, Measured]) -> tuple[Rule, ...]:
    """Return the rules with the mean of their declared confidence and what was measured, weighed by flags.

    That is the mean of a beta distribution whose prior is the declared confidence; a rule without
    measurements keeps it.
    """
    result = []
    for rule in rules:
        seen = measured.get(rule.id)
        if seen is None:
            result.append(rule)
            continue
        confidence = (seen.right + DECLARED_WEIGHT * rule.confidence) / (seen.flags + DECLARED_WEIGHT)
        result.append(replace(rule, confidence=round(confidence, 3)))
    return tuple(result)
