"""How a criterion's band is explained: the sentences of one language, and those of English."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.services.hybrid_analyzer import Criterion
from app.services.ielts_scorer.errors import DETECTION_RATE


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of one language. What stands in braces is filled in.

    `measures` take the value as {0}, in percent as {1}, and out of fifty as {2}. `worth` is said for each
    step that a share of the next band may count.
    """

    names: Mapping[Criterion, str]
    measures: Mapping[str, str]
    unjudged: Mapping[Criterion, str]
    worth: Mapping[Decimal, str]
    last_and: str
    estimated: str
    ranged: str
    too_short: str
    far_too_short: str
    nothing: str
    measured: str
    allowed: str
    all_met: str
    next_unjudged: str
    not_enough: str
    counts: str
    all_judged: str
    carries: str
    holds: str
    also_asks: str
    judged: str
    span: str


ENGLISH = Wording(
    names={
        "fluency_coherence": "fluency and coherence",
        "lexical_resource": "vocabulary",
        "grammatical_range_accuracy": "grammar",
        "pronunciation": "pronunciation",
    },
    measures={
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
    },
    unjudged={
        "fluency_coherence": "Whether your ideas follow from each other needs a reader and is not judged "
        "here.",
        "lexical_resource": "Whether each word was the right one needs a reader and is not judged here.",
        "grammatical_range_accuracy": f"Our rules find only about one error in {1 / DETECTION_RATE:.0f}, so "
        "few corrections do not mean few errors; accuracy can lower this band but never raises it.",
        "pronunciation": "Your accent is not judged, only how clear your words are; stress, rhythm and "
        "intonation are not judged by themselves yet. The model of ratings, where it is named, was learned "
        "from other speakers, who read aloud; it says a little, and nothing alone.",
    },
    worth={Decimal("0.5"): "half a band", Decimal(1): "one band", Decimal("1.5"): "a band and a half"},
    last_and="and",
    estimated="Your {name} is estimated at band {band}, likely between {low} and {high}.",
    ranged="Your {name} is likely between bands {low} and {high}.",
    too_short="There was too little speech for a single band: about 90 seconds and 150 words are needed.",
    far_too_short="There was too little speech to say anything about a band: at least 30 seconds are needed.",
    nothing="There was nothing to judge this by: no sound was kept, or no words were recognised.",
    measured="What was measured: {measures}.",
    allowed="As recorded, {heard} % of your words were hard to recognise; the difference is put down to "
    "noise or a narrow line, and the range is wider for it.",
    all_met="Everything that the highest band asks for was met.",
    next_unjudged="Band {reached} was met, and nothing of what leads to band {next} could be judged.",
    not_enough="Band {reached} was met, and {share} % of what leads to band {next}, which is not enough for "
    "more.",
    counts="Band {reached} was met, and {share} % of what leads to band {next}, which counts {worth} more "
    "(our interpolation).",
    all_judged="Band {reached} was met, and all of what leads to band {next} that can be judged here, which "
    "counts {worth} more (our interpolation).",
    carries="What carries it: {features}.",
    holds="What holds it back: {features}.",
    also_asks="What band {next} also asks for: {features}.",
    judged="A language model judged {judged} of the features that ask for meaning, with your own words as "
    "evidence, and changed the state of {moved}; it may move each by one state and sets no band.",
    span="The range holds the middle 80 % of the bands at which such measures are found, and at least half a "
    "band on either side; the less you say, the wider it is.",
)
