"""From ledger to band: a ladder climbed one step at a time.

The step from band A to the next band B has a checklist: the positive features of B and, turned round, the
limiting features of the bands from A up to B. A feature counts 1 when it speaks for the step, one half when
partly; what has no evidence is left out. `s` is the mean.

* The step is taken when every decided positive feature of B is met, no essential one lacks evidence, and s is
  at least 0.75.
* Otherwise the band stays at A, plus half a band when s is at least 0.4. Pronunciation climbs in steps of two
  bands: plus half from 0.2, one from 0.4 ("some but not all of the features above"), one and a half from 0.8.

A half band is our interpolation; examiners give whole bands per criterion.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from app.services.hybrid_analyzer import Criterion

PASS_SHARE = 0.75
HALF_SHARE = 0.4

_WHOLE_STEPS = (2, 3, 4, 5, 6, 7, 8, 9)
_STEPS: Mapping[Criterion, tuple[int, ...]] = {
    "fluency_coherence": _WHOLE_STEPS,
    "lexical_resource": _WHOLE_STEPS,
    "grammatical_range_accuracy": _WHOLE_STEPS,
    "pronunciation": (2, 4, 6, 8, 9),
}
_CREDIT = {"met": 1.0, "partly": 0.5, "not_met": 0.0}
_HALF = Decimal("0.5")
_TWO_BAND_SHARES = ((0.8, Decimal("1.5")), (0.4, Decimal(1)), (0.2, _HALF))


class Decided(Protocol):
    """What the ladder needs to know of a feature."""

    @property
    def band(self) -> int:
        """Its band."""
        ...

    @property
    def polarity(self) -> str:
        """`positive` or `limiting`."""
        ...

    @property
    def state(self) -> str:
        """What was decided."""
        ...

    @property
    def essential(self) -> bool:
        """Whether its band needs evidence for it."""
        ...


@dataclass(frozen=True, slots=True)
class Climb:
    """Where the climb ended: the band, and the step that was not taken (None at the top).

    `share` is that step's `s`, None where nothing about it was decided.
    """

    band: Decimal
    next_band: int | None
    share: float | None


def step_to(criterion: Criterion, band: int) -> int:
    """Return how many bands the step up to `band` spans."""
    below = [b for b in _STEPS[criterion] if b < band]
    return band - below[-1] if below else 1


def step_above(criterion: Criterion, band: int) -> int:
    """Return how many bands the step up from `band` spans."""
    above = [b for b in _STEPS[criterion] if b > band]
    return above[0] - band if above else 1


def climb(criterion: Criterion, features: Sequence[Decided]) -> Climb | None:
    """Return where a criterion's ledger leads, None when nothing in it was decided.

    The lowest rung is band 2: what lies below is not told apart by what is measured here.
    """
    if all(f.state == "no_evidence" for f in features):
        return None
    steps = _STEPS[criterion]
    here = steps[0]
    for following in steps[1:]:
        share = _share(features, here, following)
        if share is None or not _taken(features, following, share):
            return Climb(here + _part_of_step(following - here, share), following, share)
        here = following
    return Climb(Decimal(here), None, None)


def _share(features: Sequence[Decided], here: int, following: int) -> float | None:
    earned = [
        _CREDIT[f.state] if f.polarity == "positive" else 1.0 - _CREDIT[f.state]
        for f in features
        if f.state != "no_evidence"
        and (
            (f.polarity == "positive" and f.band == following)
            or (f.polarity == "limiting" and here <= f.band < following)
        )
    ]
    return round(sum(earned) / len(earned), 4) if earned else None


def _taken(features: Sequence[Decided], following: int, share: float) -> bool:
    positive = [f for f in features if f.polarity == "positive" and f.band == following]
    if any(f.state in {"partly", "not_met"} or (f.essential and f.state == "no_evidence") for f in positive):
        return False
    return share >= PASS_SHARE


def _part_of_step(size: int, share: float | None) -> Decimal:
    if share is None:
        return Decimal(0)
    if size == 1:
        return _HALF if share >= HALF_SHARE else Decimal(0)
    return next((part for least, part in _TWO_BAND_SHARES if share >= least), Decimal(0))
