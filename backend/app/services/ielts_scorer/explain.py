"""One paragraph a criterion: what was measured, what carries the band, what holds it, what was not judged."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from app.services.hybrid_analyzer import Criterion
from app.services.ielts_scorer.judgement import JudgedBy
from app.services.ielts_scorer.ladder import Climb, step_to
from app.services.ielts_scorer.ledger import LedgerFeature
from app.services.ielts_scorer.likelihood import Interval
from app.services.ielts_scorer.sample import Sample
from app.services.ielts_scorer.wording import Wording

_SHOWN: dict[Criterion, tuple[str, ...]] = {
    "fluency_coherence": (
        "speech_rate_wpm", "mean_length_run", "mid_clause_pauses_per_100w", "marker_types_per_100w",
    ),
    "lexical_resource": ("beyond_a1_share", "b2_plus_share", "mattr50"),
    "grammatical_range_accuracy": ("structure_types_per_100w", "clauses_per_unit", "words_per_unit"),
    "pronunciation": ("unclear_share", "mid_clause_pause_ratio", "rated_pronunciation"),
}  # fmt: skip
TOLD_ALLOWANCE = 0.03
"""Of all words: when fewer were put down to the recording, that is not worth a sentence."""


def paragraph(
    criterion: Criterion,
    climb: Climb | None,
    interval: Interval | None,
    *,
    features: Sequence[LedgerFeature],
    sample: Sample,
    reason: str | None,
    wording: Wording,
    said: Callable[[LedgerFeature], str],
) -> str:
    """Write the paragraph in the language of `wording`, in which a feature is `said`.

    `reason` says why there is no single band, None when there is one.
    """
    if climb is None or interval is None:
        return wording.far_too_short if reason == "insufficient_sample" else wording.nothing
    slots = {"name": wording.names[criterion], "low": _band(interval.low), "high": _band(interval.high)}
    sentences = (
        [wording.estimated.format(band=_band(climb.band), **slots)]
        if reason is None
        else [wording.too_short, wording.ranged.format(**slots)]
    )
    sentences += _measured(criterion, sample, wording)
    if reason is None:
        sentences.append(_rule(criterion, climb, wording))
        sentences += _reasons(climb, features, wording, said)
    sentences.append(wording.span)
    judged = [f.judged_by for f in features if f.judged_by is not None]
    sentences.append(_judged(judged, wording) if judged else wording.unjudged[criterion])
    return " ".join(sentences)


def _rule(criterion: Criterion, climb: Climb, wording: Wording) -> str:
    """Say how the band follows from the ledger."""
    if climb.next_band is None:
        return wording.all_met
    reached = climb.next_band - step_to(criterion, climb.next_band)
    if climb.share is None:
        return wording.next_unjudged.format(reached=reached, next=climb.next_band)
    share = f"{climb.share * 100:.0f}"
    worth = wording.worth.get(climb.band - reached)
    if worth is None:
        return wording.not_enough.format(reached=reached, next=climb.next_band, share=share)
    if climb.share == 1:
        return wording.all_judged.format(reached=reached, next=climb.next_band, worth=worth)
    return wording.counts.format(reached=reached, next=climb.next_band, share=share, worth=worth)


def _judged(judged: Sequence[JudgedBy], wording: Wording) -> str:
    """Say what a language model's share is."""
    moved = sum(share.before != share.after for share in judged)
    return wording.judged.format(judged=len(judged), moved=moved)


def _band(band: Decimal) -> str:
    return f"{band:.1f}"


def _measured(criterion: Criterion, sample: Sample, wording: Wording) -> list[str]:
    said = [
        wording.measures[name].format(value, value * 100, value * 50)
        for name in _SHOWN[criterion]
        if name in sample.measures and (value := sample.measures[name].value) is not None
    ]
    if not said:
        return []
    *most, last = said
    text = f"{', '.join(most)} {wording.last_and} {last}" if most else last
    return [wording.measured.format(measures=text), *_allowed(criterion, sample, wording)]


def _allowed(criterion: Criterion, sample: Sample, wording: Wording) -> list[str]:
    """Say that the recording was allowed for, where that made a difference."""
    unclear = sample.measures.get("unclear_share")
    if criterion != "pronunciation" or unclear is None or unclear.high is None:
        return []
    told = unclear.high - unclear.value >= TOLD_ALLOWANCE
    return [wording.allowed.format(heard=f"{unclear.high * 100:.0f}")] if told else []


def _reasons(
    climb: Climb, features: Sequence[LedgerFeature], wording: Wording, said: Callable[[LedgerFeature], str]
) -> list[str]:
    reached = int(climb.band)
    carries = [
        said(f)
        for f in features
        if f.polarity == "positive" and f.state == "met" and max(3, reached - 1) <= f.band <= reached
    ][-2:]
    holds = [
        said(f)
        for f in features
        if (
            f.polarity == "limiting" and f.state in {"met", "partly"} and reached - 1 <= f.band <= reached + 1
        )
    ][:2]
    missing = [
        said(f)
        for f in features
        if f.polarity == "positive" and f.state in {"partly", "not_met"} and f.band == climb.next_band
    ][:2]
    sentences = []
    if carries:
        sentences.append(wording.carries.format(features="; ".join(carries)))
    if holds:
        sentences.append(wording.holds.format(features="; ".join(holds)))
    if missing and climb.next_band is not None:
        sentences.append(wording.also_asks.format(next=climb.next_band, features="; ".join(missing)))
    return sentences
