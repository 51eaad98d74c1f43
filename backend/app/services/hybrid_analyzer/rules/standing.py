"""How a rule stands: what was measured of it, what learners say, and whether it may speak.

The precision of a rule is the mean of a beta distribution. Its prior is the declared confidence; flags that
were read are observations (`rules.measured`). Learners are weaker witnesses, each of them counted once for a
rule, however many findings they dispute: one who disputes is one wrong flag; one who was shown its findings
and disputes none is SILENCE_WEIGHT of a right one, because most people do not write. So a rule does not fall
only because many people use it:

    precision = (confidence * (DECLARED_WEIGHT + flags read) + SILENCE_WEIGHT * silent)
                / (DECLARED_WEIGHT + flags read + SILENCE_WEIGHT * silent + disputing)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from app.services.hybrid_analyzer.rules.base import Rule
from app.services.hybrid_analyzer.rules.measured import DECLARED_WEIGHT, MIN_ALONE, Measured

MIN_GATED = 0.5
"""A rule that only suspects is not worth asking about below this."""

MIN_DISPUTING_LEARNERS = 3
"""Fewer learners than this switch no rule off, whatever they dispute."""

SILENCE_WEIGHT = 0.2
"""An assumption: about one learner in five who meets a wrong correction says so."""

NOTHING_READ = Measured(0, 0)

State = Literal["active", "gated", "off"]
"""`active` raises findings; `gated` only suspects, for a language model to confirm; `off` is not heard."""


@dataclass(frozen=True, slots=True)
class Declared:
    """Something that raises findings, as declared and measured: a rule, or a kind of mistake a model reports.

    `confidence` (0-1) holds the readings in `measured` already.
    """

    rule_id: str
    rule_version: int
    family: str
    category: str
    confidence: float
    measured: Measured = NOTHING_READ


@dataclass(frozen=True, slots=True)
class Disputes:
    """Learners who were shown findings of one version of a rule, and those of them who dispute one."""

    rule_id: str
    rule_version: int
    learners_shown: int
    learners_disputing: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule as it stands.

    `flags_read` and `flags_right` are readings; `precision` (0-1) is all taken together. `learners_shown` is
    0 where nobody disputes a finding: it is not counted then.
    """

    rule_id: str
    rule_version: int
    family: str
    category: str
    state: State
    precision: float
    floor: float
    flags_read: int
    flags_right: int
    learners_shown: int
    learners_disputing: int


def standing(declared: Declared, disputes: Disputes | None) -> Standing:
    """Return how a rule stands with what learners say about this version of it."""
    shown, disputing = (disputes.learners_shown, disputes.learners_disputing) if disputes else (0, 0)
    silent = SILENCE_WEIGHT * max(0, shown - disputing)
    weight = DECLARED_WEIGHT + declared.measured.flags
    precision = (declared.confidence * weight + silent) / (weight + silent + disputing)
    alone = declared.confidence >= MIN_ALONE
    floor = MIN_ALONE if alone else MIN_GATED
    state: State = "active" if alone else "gated"
    if disputing >= MIN_DISPUTING_LEARNERS and precision < floor:
        state = "off"
    return Standing(
        rule_id=declared.rule_id,
        rule_version=declared.rule_version,
        family=declared.family,
        category=declared.category,
        state=state,
        precision=round(precision, 3),
        floor=floor,
        flags_read=declared.measured.flags,
        flags_right=declared.measured.right,
        learners_shown=shown,
        learners_disputing=disputing,
    )


def declared_rules(rules: Iterable[Rule], measured: Mapping[str, Measured]) -> tuple[Declared, ...]:
    """Return what there is to say about rules before any learner speaks."""
    return tuple(
        Declared(r.id, r.version, r.family, r.category, r.confidence, measured.get(r.id, NOTHING_READ))
        for r in rules
    )


def standings(declared: Iterable[Declared], disputes: Iterable[Disputes]) -> tuple[Standing, ...]:
    """Return how each stands; what was said about other versions is left out."""
    told = {(d.rule_id, d.rule_version): d for d in disputes}
    return tuple(standing(d, told.get((d.rule_id, d.rule_version))) for d in declared)
