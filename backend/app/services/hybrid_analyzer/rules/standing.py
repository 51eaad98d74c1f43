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

State = Literal["active", "gated", "off"]
"""`active` raises findings; `gated` only suspects, for a language model to confirm; `off` is not heard."""


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


def standing(rule: Rule, measured: Measured | None, disputes: Disputes | None) -> Standing:
    """Return how a rule stands. `rule.confidence` holds the readings in `measured` already."""
    read = measured or Measured(0, 0)
    told = disputes or Disputes(rule.id, rule.version, 0, 0)
    disputing = told.learners_disputing
    silent = SILENCE_WEIGHT * max(0, told.learners_shown - disputing)
    weight = DECLARED_WEIGHT + read.flags
    precision = (rule.confidence * weight + silent) / (weight + silent + disputing)
    alone = rule.confidence >= MIN_ALONE
    floor = MIN_ALONE if alone else MIN_GATED
    state: State = "active" if alone else "gated"
    if disputing >= MIN_DISPUTING_LEARNERS and precision < floor:
        state = "off"
    return Standing(
        rule_id=rule.id,
        rule_version=rule.version,
        family=rule.family,
        category=rule.category,
        state=state,
        precision=round(precision, 3),
        floor=floor,
        flags_read=read.flags,
        flags_right=read.right,
        learners_shown=told.learners_shown,
        learners_disputing=disputing,
    )


def standings(
    rules: Iterable[Rule], measured: Mapping[str, Measured], disputes: Iterable[Disputes]
) -> tuple[Standing, ...]:
    """Return how every rule stands; what was said about other versions of a rule is left out."""
    told = {(d.rule_id, d.rule_version): d for d in disputes}
    return tuple(standing(r, measured.get(r.id), told.get((r.id, r.version))) for r in rules)
