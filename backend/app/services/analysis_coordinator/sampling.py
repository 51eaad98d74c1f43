"""From analysed answers to what the scorer reads: numbers, each with its examples."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from app.services.analysis_coordinator.evidence import (
    MAX_EXAMPLES,
    Analysed,
    Examples,
    answer_examples,
    marker_examples,
    of_finding,
    pause_examples,
    run_examples,
    structure_examples,
    unclear_words,
    word_examples,
)
from app.services.analysis_coordinator.measures import LANGUAGE_CRITERIA, Measures, recurring
from app.services.ielts_scorer import Judgement, Measure, Sample

NO_RATINGS: Mapping[str, Measure] = MappingProxyType({})
NO_JUDGEMENTS: Mapping[str, Judgement] = MappingProxyType({})


def build_sample(
    turns: Sequence[Analysed],
    measures: Measures,
    ratings: Mapping[str, Measure] = NO_RATINGS,
    judgements: Mapping[str, Judgement] = NO_JUDGEMENTS,
) -> Sample:
    """Gather the scorer's sample from rated answers, their measures, what experts would rate them and what a
    language model says of them."""
    values = measures.values()
    found: dict[str, Measure] = {}
    for names, examples in _examples(turns):
        for name in names:
            if name in values:
                found[name] = Measure(values[name], examples.supporting, examples.opposing)
    found |= _errors(turns, measures)
    if "unclear_share" in found:  # ratings are a second opinion and decide nothing alone
        found["unclear_share"] = replace(found["unclear_share"], high=values["unclear_share_heard"])
        found |= ratings
    timed = any(a.delivery.timing is not None for _, a in turns)
    speech_ms = measures.delivery.response_ms if timed else _bounds(turns)
    if not timed and speech_ms:
        found["speech_rate_wpm"] = Measure(round(measures.language.words / speech_ms * 60_000, 1))
    return Sample(words=measures.language.words, speech_ms=speech_ms, measures=found, judgements=judgements)


def _bounds(turns: Sequence[Analysed]) -> int | None:
    """Return how long the answers took by their first and last moment: all that is known without sound."""
    return sum(turn.speech.end_ms - turn.speech.start_ms for turn, _ in turns) or None


def _examples(turns: Sequence[Analysed]) -> list[tuple[tuple[str, ...], Examples]]:
    runs = run_examples(turns)
    mid = Examples(runs.supporting, pause_examples(turns, mid_clause=True))
    long = Examples(runs.supporting, pause_examples(turns, mid_clause=False))
    return [
        (("speech_rate_wpm", "articulation_rate_sps", "mean_length_run"), runs),
        (("mid_clause_pauses_per_100w", "mid_clause_pause_ratio"), mid),
        (("long_pauses_per_100w",), long),
        (("words_per_longer_answer",), answer_examples(turns)),
        (("marker_types_per_100w", "basic_marker_share"), marker_examples(turns)),
        (("mtld", "mattr50", "beyond_a1_share", "b2_plus_share"), word_examples(turns)),
        (("structure_types_per_100w", "clauses_per_unit", "words_per_unit"), structure_examples(turns)),
        (
            ("unclear_share", "median_probability"),
            Examples(runs.supporting, unclear_words(turns)[:MAX_EXAMPLES]),
        ),
    ]


def _errors(turns: Sequence[Analysed], measures: Measures) -> dict[str, Measure]:
    findings = [f for _, a in turns for f in a.language.unaided if f.criterion in LANGUAGE_CRITERIA]
    words = [f for f in findings if f.criterion == "lexical_resource"]
    again = [f for found in recurring(findings).values() for f in found]
    language = measures.language
    errors: dict[str, Measure] = {}
    for name, density, places in (
        ("errors_per_100w", language.errors_per_100w, findings),
        ("word_errors_per_100w", language.word_errors_per_100w, words),
    ):
        if density is not None:
            quotes = tuple(of_finding(f) for f in places[:MAX_EXAMPLES])
            errors[name] = Measure(density.estimate, (), quotes, density.low, density.high, len(places))
    if again:
        quotes = tuple(of_finding(f) for f in again[:MAX_EXAMPLES])
        errors["recurring_errors"] = Measure(
            float(language.recurring_errors), (), quotes, count=language.recurring_errors
        )
    return errors
