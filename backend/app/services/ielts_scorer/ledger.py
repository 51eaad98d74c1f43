"""The ledger: what was decided about each feature of the rubric, on what evidence.

A feature decided by measures takes the mean of their band-equivalents, each weighted by how well it tells
bands apart (one over its prior's variance). With a step of one band, a positive
feature of band B is met from B - 0.25 and partly met from B - 0.75; a limiting feature of band B is met (it
holds the learner back) up to B + 0.25 and partly met up to B + 0.75. Pronunciation, whose features exist at
even bands only, has steps of two bands and thresholds twice as wide; there what is good is credited a quarter
of a band earlier and what holds back is gone a quarter later, so that no small change of one measure moves
all features at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.services.hybrid_analyzer import Criterion
from app.services.ielts_scorer.descriptors import Feature, Polarity, features_of
from app.services.ielts_scorer.judgement import JudgedBy, State, moved
from app.services.ielts_scorer.ladder import step_above, step_to
from app.services.ielts_scorer.sample import Evidence, Judgement, Measure, Sample
from app.services.ielts_scorer.scales import scales

MET_MARGIN = 0.25
WIDE_STEP_SHIFT = 0.25
"""How much earlier the good and later the limiting changes where a step spans two bands."""

MAX_EVIDENCE = 3


@dataclass(frozen=True, slots=True)
class LedgerFeature:
    """A decided feature. `measures` are the values that decided it, `equivalent` is their mean in bands.

    `judged_by` is a language model's share in it, None where none judged it.
    """

    id: str
    band: int
    polarity: Polarity
    text: str
    text_uz: str
    state: State
    evidence: tuple[Evidence, ...] = ()
    measures: tuple[tuple[str, float], ...] = ()
    equivalent: float | None = None
    essential: bool = False
    judged_by: JudgedBy | None = None


def decide(criterion: Criterion, sample: Sample) -> tuple[LedgerFeature, ...]:
    """Decide every feature of a criterion. What was not measured is `no_evidence`, never `met`."""
    decided = (_decide(feature, sample) for feature in features_of(criterion))
    return tuple(_judged(feature, sample.judgements.get(feature.id)) for feature in decided)


def _judged(feature: LedgerFeature, judgement: Judgement | None) -> LedgerFeature:
    """Let a language model's word count, as far as it may; what it says of others changes nothing."""
    if judgement is None:
        return feature
    after = moved(feature.state, judgement.state)
    quotes = (*judgement.evidence, *feature.evidence) if after != feature.state else feature.evidence
    return replace(
        feature,
        state=after,
        evidence=tuple(dict.fromkeys(quotes))[:MAX_EVIDENCE],
        judged_by=JudgedBy(judgement.model, judgement.prompt, feature.state, after),
    )


def _entry(
    feature: Feature,
    state: State,
    evidence: tuple[Evidence, ...] = (),
    measures: tuple[tuple[str, float], ...] = (),
    equivalent: float | None = None,
) -> LedgerFeature:
    return LedgerFeature(
        id=feature.id,
        band=feature.band,
        polarity=feature.polarity,
        text=feature.text,
        text_uz=feature.text_uz,
        state=state,
        evidence=evidence,
        measures=measures,
        equivalent=equivalent,
        essential=feature.essential,
    )


def _decide(feature: Feature, sample: Sample) -> LedgerFeature:
    if feature.at_least:
        return _decide_by_errors(feature, sample)
    known = [(name, sample.measures[name]) for name in feature.measures if name in sample.measures]
    if not known:
        return _entry(feature, "no_evidence")
    mean = round(_mean_equivalent(known), 2)
    state = _state(feature, mean)
    return _entry(
        feature,
        state,
        _evidence(feature, state, [m for _, m in known]),
        tuple((name, measure.value) for name, measure in known),
        mean,
    )


def _mean_equivalent(known: Sequence[tuple[str, Measure]]) -> float:
    weighted = [(scales()[name], measure.value) for name, measure in known]
    total = sum(scale.sigma**-2 for scale, _ in weighted)
    return sum(scale.to_band(value) * scale.sigma**-2 for scale, value in weighted) / total


def _state(feature: Feature, equivalent: float) -> State:
    if feature.polarity == "positive":
        step = step_to(feature.criterion, feature.band)
        needed = feature.band - MET_MARGIN - _shift(step)
        if equivalent >= needed:
            return "met"
        return "partly" if equivalent >= needed - step / 2 else "not_met"
    step = step_above(feature.criterion, feature.band)
    free = feature.band + step - MET_MARGIN + _shift(step)
    if equivalent >= free:
        return "not_met"
    return "partly" if equivalent >= free - step / 2 else "met"


def _shift(step: int) -> float:
    return WIDE_STEP_SHIFT if step > 1 else 0.0


def _decide_by_errors(feature: Feature, sample: Sample) -> LedgerFeature:
    """Decide a feature that depends on accuracy.

    The detector misses most errors, so only a density that the findings prove decides anything: it can show
    that a limiting feature is there or a positive one is not, never the opposite.
    """
    for name, bound in feature.at_least.items():
        measure = sample.measures.get(name)
        proven = None if measure is None else (measure.low if measure.low is not None else measure.value)
        if measure is not None and proven is not None and proven >= bound:
            state: State = "met" if feature.polarity == "limiting" else "not_met"
            return _entry(feature, state, measure.opposing[:MAX_EVIDENCE], ((name, proven),))
    return _entry(feature, "no_evidence")


def _evidence(feature: Feature, state: State, measures: Sequence[Measure]) -> tuple[Evidence, ...]:
    """Choose quotes: those that pull up for what is good, those that pull down for what holds back."""
    good = (state == "met") if feature.polarity == "positive" else (state == "not_met")
    chosen: list[Evidence] = []
    rounds = [m.supporting if good else m.opposing for m in measures]
    for index in range(MAX_EVIDENCE):
        for examples in rounds:
            if index < len(examples) and examples[index] not in chosen and len(chosen) < MAX_EVIDENCE:
                chosen.append(examples[index])
    return tuple(chosen)
