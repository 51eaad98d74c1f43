"""What would have raised a band: the smallest changes to this test, found by scoring it again.

A change moves one bundle of related measures up by the same number of bands, or takes away errors. Changes
are tried from small to large until the ladder gives a higher band; when none does alone, pairs and threes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations

from app.services.hybrid_analyzer import Criterion
from app.services.ielts_scorer.descriptors import features_of
from app.services.ielts_scorer.errors import error_density
from app.services.ielts_scorer.ladder import climb
from app.services.ielts_scorer.ledger import decide
from app.services.ielts_scorer.sample import Measure, Sample
from app.services.ielts_scorer.scales import scales

STEP = 0.25
REACH = 2.0
"""Changes are tried in steps of a quarter band, up to two bands: what lies further is no small change."""

MAX_CHANGES = 3


@dataclass(frozen=True, slots=True)
class Change:
    """One edit of the test: `bundle` of measures, and the values of each (name, from, to).

    `effort` is its size in bands. For errors it is how far the proven density moves, and the values are
    counts of findings.
    """

    bundle: str
    effort: float
    values: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """Changes that together give a criterion the band `band`."""

    band: Decimal
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class _Edit:
    change: Change
    measures: Mapping[str, Measure]


def smallest_changes(criterion: Criterion, sample: Sample) -> tuple[Counterfactual, ...]:
    """Return up to three single changes that raise the band, or one small set of two or three together.

    Smallest first. Empty where the criterion has no band, where nothing within reach raises it, or where what
    is missing cannot be measured.
    """
    now = _band(criterion, sample)
    if now is None:
        return ()
    edits = {bundle: tuple(options) for bundle, options in _edits(criterion, sample)}
    alone = [found for options in edits.values() if (found := _least(criterion, sample, now, options))]
    if alone:
        ranked = sorted(alone, key=lambda c: (c.changes[0].effort, c.changes[0].bundle))
        return tuple(ranked[:MAX_CHANGES])
    for size in range(2, MAX_CHANGES + 1):
        together = [
            found
            for bundles in combinations(sorted(edits), size)
            if (found := _least_together(criterion, sample, now, [edits[b] for b in bundles]))
        ]
        if together:
            return (min(together, key=_effort),)
    return ()


def _band(criterion: Criterion, sample: Sample) -> Decimal | None:
    climbed = climb(criterion, decide(criterion, sample))
    return None if climbed is None else climbed.band


def _effort(found: Counterfactual) -> tuple[float, str]:
    return sum(c.effort for c in found.changes), " ".join(c.bundle for c in found.changes)


def _least(
    criterion: Criterion, sample: Sample, now: Decimal, options: Sequence[_Edit]
) -> Counterfactual | None:
    for edit in options:
        band = _band(criterion, _edited(sample, [edit]))
        if band is not None and band > now:
            return Counterfactual(band, (edit.change,))
    return None


def _least_together(
    criterion: Criterion, sample: Sample, now: Decimal, options: Sequence[Sequence[_Edit]]
) -> Counterfactual | None:
    """Try the bundles together, each moved as far as the others where it can."""
    for index in range(max(len(o) for o in options)):
        edits = [o[min(index, len(o) - 1)] for o in options]
        band = _band(criterion, _edited(sample, edits))
        if band is not None and band > now:
            return Counterfactual(band, tuple(e.change for e in edits))
    return None


def _edited(sample: Sample, edits: Sequence[_Edit]) -> Sample:
    measures = dict(sample.measures)
    for edit in edits:
        measures |= edit.measures
    return replace(sample, measures=measures)


def _edits(criterion: Criterion, sample: Sample) -> Iterator[tuple[str, Sequence[_Edit]]]:
    """Yield for each bundle its edits, smallest first."""
    used = {n for feature in features_of(criterion) for n in feature.measures if scales()[n].movable}
    bundles: dict[str, dict[str, Measure]] = {}
    for name in sorted(used & set(sample.measures)):
        bundles.setdefault(scales()[name].bundle, {})[name] = sample.measures[name]
    for bundle, members in bundles.items():
        options = list(_moves(bundle, members))
        if options:
            yield bundle, options
    for name in sorted({name for feature in features_of(criterion) for name in feature.at_least}):
        measure = sample.measures.get(name)
        if measure is not None and measure.count:
            yield name, list(_corrections(name, measure, sample.words))


def _moves(bundle: str, members: Mapping[str, Measure]) -> Iterator[_Edit]:
    for step in range(1, round(REACH / STEP) + 1):
        effort = step * STEP
        moved: dict[str, Measure] = {}
        for name, measure in members.items():
            scale = scales()[name]
            now = scale.to_band(measure.value)
            if now < scale.points[-1][0]:
                moved[name] = replace(measure, value=scale.at(now + effort))
        if moved:
            values = tuple((name, members[name].value, m.value) for name, m in moved.items())
            yield _Edit(Change(bundle, effort, values), moved)


def _corrections(name: str, measure: Measure, words: int) -> Iterator[_Edit]:
    """Yield the test with one, two, ... of the findings behind an error measure gone."""
    assert measure.count is not None
    for fixed in range(1, measure.count + 1):
        left = measure.count - fixed
        if name in scales():
            density = error_density(left, words)
            assert density is not None
            moved = replace(measure, value=density.estimate, low=density.low, high=density.high, count=left)
            scale = scales()[name]
            effort = scale.to_band(density.low) - scale.to_band(measure.low or 0.0)
        else:
            moved = replace(measure, value=float(left), count=left)
            effort = fixed * STEP
        change = Change(name, round(max(0.0, effort), 2), ((name, measure.count, left),))
        yield _Edit(change, {name: moved})
