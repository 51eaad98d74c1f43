"""One paragraph a criterion: what was measured, what carries the band, what holds it, what was not judged."""

from collections.abc import Sequence
from decimal import Decimal

from app.services.hybrid_analyzer import Criterion
from app.services.ielts_scorer.errors import DETECTION_RATE
from app.services.ielts_scorer.judgement import JudgedBy
from app.services.ielts_scorer.ladder import Climb, step_to
from app.services.ielts_scorer.ledger import LedgerFeature
from app.services.ielts_scorer.likelihood import Interval
from app.services.ielts_scorer.sample import Sample

_NAMES: dict[Criterion, str] = {
    "fluency_coherence": "fluency and coherence",
    "lexical_resource": "vocabulary",
    "grammatical_range_accuracy": "grammar",
    "pronunciation": "pronunciation",
}
_SAID: dict[str, str] = {
    "speech_rate_wpm": "you spoke at {0:.0f} words a minute",
    "articulation_rate_sps": "your voice ran at {0:.1f} syllables a second",
    "mean_length_run": "you said {0:.1f} syllables between pauses",
    "mid_clause_pauses_per_100w": "you paused inside a clause {0:.1f} times in 100 words",
    "long_pauses_per_100w": "you paused for a second or more {0:.1f} times in 100 words",
    "mid_clause_pause_ratio": "{1:.0f} % of your pauses fell inside a clause",
    "marker_types_per_100w": "you used {0:.1f} different linking words in 100 words",
    "basic_marker_share": "{1:.0f} % of your linking words were the most common ones",
    "words_per_longer_answer": "your longer answers had {0:.0f} words on average",
    "mtld": "your word variety (MTLD) was {0:.0f}",
    "mattr50": "{2:.0f} of every 50 words were different ones",
    "beyond_a1_share": "{1:.0f} % of your content words went beyond the first year of English (A1)",
    "b2_plus_share": "{1:.0f} % of your different content words were of level B2 or above",
    "structure_types_per_100w": "you used {0:.1f} different grammar structures in 100 words",
    "clauses_per_unit": "a sentence held {0:.1f} clauses on average",
    "words_per_unit": "ran to {0:.0f} words",
    "unclear_share": "{1:.0f} % of your words were hard to recognise",
    "rated_pronunciation": "a model of experts' ratings puts your pronunciation at {0:.0f} of 100",
    "median_probability": "a typical word was recognised with {1:.0f} % certainty",
}
_SHOWN: dict[Criterion, tuple[str, ...]] = {
    "fluency_coherence": (
        "speech_rate_wpm", "mean_length_run", "mid_clause_pauses_per_100w", "marker_types_per_100w",
    ),
    "lexical_resource": ("beyond_a1_share", "b2_plus_share", "mattr50"),
    "grammatical_range_accuracy": ("structure_types_per_100w", "clauses_per_unit", "words_per_unit"),
    "pronunciation": ("unclear_share", "mid_clause_pause_ratio", "rated_pronunciation"),
}  # fmt: skip
_UNJUDGED: dict[Criterion, str] = {
    "fluency_coherence": "Whether your ideas follow from each other needs a reader and is not judged here.",
    "lexical_resource": "Whether each word was the right one needs a reader and is not judged here.",
    "grammatical_range_accuracy": f"Our rules find only about one error in {1 / DETECTION_RATE:.0f}, so few "
    "corrections do not mean few errors; accuracy can lower this band but never raises it.",
    "pronunciation": "Your accent is not judged, only how clear your words are; stress, rhythm and "
    "intonation are not judged by themselves yet. The model of ratings, where it is named, was learned "
    "from other speakers, who read aloud; it says a little, and nothing alone.",
}
_WORTH = {Decimal("0.5"): "half a band", Decimal(1): "one band", Decimal("1.5"): "a band and a half"}
_RANGE = (
    "The range holds the middle 80 % of the bands at which such measures are found, and at least half a band "
    "on either side; the less you say, the wider it is."
)
TOO_SHORT = "There was too little speech for a single band: about 90 seconds and 150 words are needed."
FAR_TOO_SHORT = "There was too little speech to say anything about a band: at least 30 seconds are needed."
NOTHING = "There was nothing to judge this by: no sound was kept, or no words were recognised."


def paragraph(
    criterion: Criterion,
    climb: Climb | None,
    interval: Interval | None,
    *,
    features: Sequence[LedgerFeature],
    sample: Sample,
    reason: str | None,
) -> str:
    """Write the paragraph. `reason` says why there is no single band, None when there is one."""
    if climb is None or interval is None:
        return FAR_TOO_SHORT if reason == "insufficient_sample" else NOTHING
    name = _NAMES[criterion]
    span = f"{_band(interval.low)} and {_band(interval.high)}"
    sentences = [
        f"Your {name} is estimated at band {_band(climb.band)}, likely between {span}."
        if reason is None
        else f"{TOO_SHORT} Your {name} is likely between bands {span}."
    ]
    sentences += _measured(criterion, sample)
    if reason is None:
        sentences.append(_rule(criterion, climb))
        sentences += _reasons(climb, features)
    sentences.append(_RANGE)
    judged = [f.judged_by for f in features if f.judged_by is not None]
    sentences.append(_judged(judged) if judged else _UNJUDGED[criterion])
    return " ".join(sentences)


def _rule(criterion: Criterion, climb: Climb) -> str:
    """Say how the band follows from the ledger."""
    if climb.next_band is None:
        return "Everything that the highest band asks for was met."
    reached = climb.next_band - step_to(criterion, climb.next_band)
    if climb.share is None:
        return f"Band {reached} was met, and nothing of what leads to band {climb.next_band} could be judged."
    share = f"{climb.share * 100:.0f} % of what leads to band {climb.next_band}"
    worth = _WORTH.get(climb.band - reached)
    if worth is None:
        return f"Band {reached} was met, and {share}, which is not enough for more."
    return f"Band {reached} was met, and {share}, which counts {worth} more (our interpolation)."


def _judged(judged: Sequence[JudgedBy]) -> str:
    """Say what a language model's share is."""
    moved = sum(share.before != share.after for share in judged)
    return (
        f"A language model judged {len(judged)} of the features that ask for meaning, with your own words as "
        f"evidence, and changed the state of {moved}; it may move each by one state and sets no band."
    )


def _band(band: Decimal) -> str:
    return f"{band:.1f}"


def _measured(criterion: Criterion, sample: Sample) -> list[str]:
    said = [
        _SAID[name].format(value, value * 100, value * 50)
        for name in _SHOWN[criterion]
        if name in sample.measures and (value := sample.measures[name].value) is not None
    ]
    if not said:
        return []
    text = said[0] if len(said) == 1 else ", ".join(said[:-1]) + " and " + said[-1]
    return [f"What was measured: {text}."]


def _reasons(climb: Climb, features: Sequence[LedgerFeature]) -> list[str]:
    reached = int(climb.band)
    carries = [
        f.text
        for f in features
        if f.polarity == "positive" and f.state == "met" and max(3, reached - 1) <= f.band <= reached
    ][-2:]
    holds = [
        f.text
        for f in features
        if (
            f.polarity == "limiting" and f.state in {"met", "partly"} and reached - 1 <= f.band <= reached + 1
        )
    ][:2]
    missing = [
        f.text
        for f in features
        if f.polarity == "positive" and f.state in {"partly", "not_met"} and f.band == climb.next_band
    ][:2]
    sentences = []
    if carries:
        sentences.append("What carries it: " + "; ".join(carries) + ".")
    if holds:
        sentences.append("What holds it back: " + "; ".join(holds) + ".")
    if missing and climb.next_band is not None:
        sentences.append(f"What band {climb.next_band} also asks for: " + "; ".join(missing) + ".")
    return sentences
