"""Four criteria and the Speaking band, each with its ledger, interval and reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Literal

from app.services.hybrid_analyzer import Criterion
from app.services.ielts_scorer.criteria import CRITERIA
from app.services.ielts_scorer.descriptors import features_of
from app.services.ielts_scorer.explain import paragraph
from app.services.ielts_scorer.judgement import State
from app.services.ielts_scorer.ladder import climb
from app.services.ielts_scorer.ledger import LedgerFeature, decide
from app.services.ielts_scorer.likelihood import Interval, around, expected, of_mean, plausible
from app.services.ielts_scorer.rounding import RoundingPolicy, mean_band, whole_band
from app.services.ielts_scorer.sample import Evidence, Sample
from app.services.ielts_scorer.wording import ENGLISH
from app.services.ielts_scorer.wording_uz import UZBEK

METHOD_VERSION = "scorer-4"
POINT_MS = 90_000
POINT_WORDS = 150
RANGE_MS = 30_000
RANGE_WORDS = 40
"""For transcripts without times: about half a minute of speech."""

UNJUDGED_REACH = Decimal("1.5")
"""How far a criterion that could not be judged may lie from the mean of the others, in bands."""

SCALE = {"min": 0, "max": 9, "step": 0.5}

NoBand = Literal["insufficient_sample", "no_audio"]


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """One criterion. `band` is None with a `reason`; `interval` is None when not even a range can be said.

    `expected` is the mean of the bands that the measures allow, to rank speakers by whom half bands leave
    together; it is nobody's band, and None without an interval.
    """

    criterion: Criterion
    band: Decimal | None
    band_whole: Decimal | None
    interval: Interval | None
    expected: float | None
    features: tuple[LedgerFeature, ...]
    explanation: str
    explanation_uz: str
    reason: NoBand | None
    method_version: str = METHOD_VERSION

    def to_json(self, by_part: Mapping[int, Mapping[str, State]] | None = None) -> dict[str, Any]:
        """Return the result as it is stored and served.

        `by_part` says what each part alone decided about a feature: there is one band for the whole test, but
        a learner may want to know where it was earned.
        """
        return {
            "criterion": self.criterion,
            "band": _number(self.band),
            "band_whole": _number(self.band_whole),
            "interval": None
            if self.interval is None
            else [_number(self.interval.low), _number(self.interval.high)],
            "features": [_feature_json(f, by_part or {}) for f in self.features],
            "explanation": self.explanation,
            "explanation_uz": self.explanation_uz,
            "reason": self.reason,
            "scale": SCALE,
            "method_version": self.method_version,
        }


@dataclass(frozen=True, slots=True)
class Overall:
    """The Speaking band. `band` is None when a criterion has none; `band_strict` counts whole bands only.

    `estimate` is the mean of the criteria named in `judged`, not rounded: of their bands, or of the middles
    of their ranges where the sample allows no band. With fewer than four the range `band_low` to `band_high`
    is wider, since the rest is not known. `expected` is the mean of theirs.
    """

    band: Decimal | None
    estimate: Decimal | None
    expected: float | None
    judged: tuple[Criterion, ...]
    band_low: Decimal | None
    band_high: Decimal | None
    band_strict: Decimal | None
    rounding_policy: RoundingPolicy

    def to_json(self) -> dict[str, Any]:
        """Return the band as it is stored and served."""
        return {
            "band": _number(self.band),
            "estimate": None if self.estimate is None else round(float(self.estimate), 3),
            "judged": list(self.judged),
            "band_low": _number(self.band_low),
            "band_high": _number(self.band_high),
            "band_strict": _number(self.band_strict),
            "rounding_policy": self.rounding_policy,
        }


@dataclass(frozen=True, slots=True)
class Score:
    """The whole result: the criteria in their order, and the band they make."""

    criteria: tuple[CriterionResult, ...]
    overall: Overall


def score(sample: Sample, policy: RoundingPolicy = "nearest_half_up") -> Score:
    """Score a test. Pure: the same sample gives the same result."""
    criteria = tuple(_criterion(criterion, sample) for criterion in CRITERIA)
    return Score(criteria, _overall(criteria, policy))


def feature_states(sample: Sample) -> dict[str, State]:
    """Return what a sample decides, by feature id; what it has no evidence of is left out."""
    features = [feature for criterion in CRITERIA for feature in decide(criterion, sample)]
    return {f.id: f.state for f in features if f.state != "no_evidence"}


def bands_from_ledger(document: Mapping[str, Any]) -> dict[str, float | None]:
    """Recompute the bands of a stored analysis from its features alone.

    Return one entry a criterion and `overall`. A criterion that was stored with a reason for having no band
    still has none. Raises KeyError when the document is no analysis.
    """
    bands: dict[str, Decimal | None] = {}
    for criterion in CRITERIA:
        stored = document["criteria"][criterion]
        states: dict[str, State] = {f["id"]: f["state"] for f in stored["features"]}
        ledger = [
            LedgerFeature(
                f.id,
                f.band,
                f.polarity,
                f.text,
                f.text_uz,
                states.get(f.id, "no_evidence"),
                essential=f.essential,
            )
            for f in features_of(criterion)
        ]
        climbed = None if stored["reason"] else climb(criterion, ledger)
        bands[criterion] = None if climbed is None else climbed.band
    known = [b for b in bands.values() if b is not None]
    policy: RoundingPolicy = document["overall"]["rounding_policy"]
    overall = mean_band(known, policy) if len(known) == len(CRITERIA) else None
    return {**{name: _number(band) for name, band in bands.items()}, "overall": _number(overall)}


def _criterion(criterion: Criterion, sample: Sample) -> CriterionResult:
    features = decide(criterion, sample)
    climbed = climb(criterion, features)
    likely = plausible(criterion, sample)
    reason: NoBand | None = None
    interval: Interval | None = None
    if climbed is None:
        reason = "no_audio" if sample.words >= RANGE_WORDS else "insufficient_sample"
    elif _too_short(sample, RANGE_MS, RANGE_WORDS):
        reason, climbed = "insufficient_sample", None
    else:
        interval = around(climbed.band, likely)
        reason = "insufficient_sample" if _too_short(sample, POINT_MS, POINT_WORDS) else None
    band = climbed.band if climbed is not None and reason is None else None
    if climbed is not None:
        features = _nearest_first(features, climbed.band)
    explain = partial(
        paragraph, criterion, climbed, interval, features=features, sample=sample, reason=reason
    )
    return CriterionResult(
        criterion=criterion,
        band=band,
        band_whole=None if band is None else whole_band(band),
        interval=interval,
        expected=None if interval is None else expected(criterion, sample),
        features=features,
        explanation=explain(wording=ENGLISH, said=lambda feature: feature.text),
        explanation_uz=explain(wording=UZBEK, said=lambda feature: feature.text_uz),
        reason=reason,
    )


def _nearest_first(features: Sequence[LedgerFeature], band: Decimal) -> tuple[LedgerFeature, ...]:
    """Order features by how much they had to say: those at the band first, then away from it."""
    return tuple(sorted(features, key=lambda f: (abs(f.band - band), f.polarity != "positive", f.id)))


def _too_short(sample: Sample, least_ms: int, least_words: int) -> bool:
    return sample.words < least_words or (sample.speech_ms is not None and sample.speech_ms < least_ms)


def _overall(criteria: Sequence[CriterionResult], policy: RoundingPolicy) -> Overall:
    bands = [c.band for c in criteria if c.band is not None]
    wholes = [c.band_whole for c in criteria if c.band_whole is not None]
    complete = len(bands) == len(CRITERIA)
    known = {c.criterion: (_middle(c), c.interval) for c in criteria if c.interval is not None}
    mean = sum((m for m, _ in known.values()), Decimal(0)) / len(known) if known else None
    interval = None if mean is None else _range(mean, list(known.values()))
    likely = [c.expected for c in criteria if c.expected is not None]
    return Overall(
        band=mean_band(bands, policy) if complete else None,
        estimate=mean,
        expected=sum(likely) / len(likely) if likely else None,
        judged=tuple(known),
        band_low=interval.low if interval else None,
        band_high=interval.high if interval else None,
        band_strict=mean_band(wholes, policy) if complete else None,
        rounding_policy=policy,
    )


def _middle(criterion: CriterionResult) -> Decimal:
    assert criterion.interval is not None
    middle = (criterion.interval.low + criterion.interval.high) / 2
    return middle if criterion.band is None else criterion.band


def _range(mean: Decimal, known: Sequence[tuple[Decimal, Interval]]) -> Interval:
    """Return the range of the Speaking band; a criterion nothing is known of may lie far from the others."""
    unknown = (mean, Interval(mean - UNJUDGED_REACH, mean + UNJUDGED_REACH))
    every = [*known, *[unknown] * (len(CRITERIA) - len(known))]
    return of_mean([middle for middle, _ in every], [interval for _, interval in every])


def _number(band: Decimal | None) -> float | None:
    return None if band is None else float(band)


def _evidence_json(evidence: Evidence) -> dict[str, Any]:
    return {
        "quote": evidence.quote,
        "turn_id": evidence.turn_id,
        "start_ms": evidence.start_ms,
        "end_ms": evidence.end_ms,
    }


def _feature_json(feature: LedgerFeature, by_part: Mapping[int, Mapping[str, State]]) -> dict[str, Any]:
    return {
        "id": feature.id,
        "band": feature.band,
        "polarity": feature.polarity,
        "text": feature.text,
        "text_uz": feature.text_uz,
        "state": feature.state,
        "parts": {str(part): states[feature.id] for part, states in by_part.items() if feature.id in states},
        "evidence": [_evidence_json(e) for e in feature.evidence],
        "measures": dict(feature.measures),
        "band_equivalent": feature.equivalent,
        "judged_by": None if feature.judged_by is None else feature.judged_by.to_json(),
    }
