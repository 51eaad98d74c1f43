"""What to do tomorrow: three exercises built from this learner's own answers."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.services.analysis_coordinator.evidence import (
    Analysed,
    answer_examples,
    of_finding,
    pause_examples,
    pitch_examples,
    repeated_words,
    structure_examples,
    unclear_words,
    word_examples,
)
from app.services.analysis_coordinator.measures import Measures
from app.services.analysis_coordinator.ranking import weight
from app.services.hybrid_analyzer import BASIC_MARKERS, Criterion, Finding, fill_in
from app.services.ielts_scorer import Evidence, band_equivalent

STEPS = 3
MAX_PER_CRITERION = 2
_AIM = 8.0
"""A measure worth less than this band is worth an exercise; the further below, the sooner."""

_FINDING_URGENCY = 0.9
_FRESH_MARKERS = ("although", "for example", "as a result", "on the other hand", "after that")
_FLAT_SEMITONES = 4.0
"""A narrower voice than nearly any speaker's; wider ranges say nothing about how well intonation is used."""

_QUOTE_WORDS = 8
_STEM = 4
"""Letters by which a spoken form is matched with its lemma."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """One exercise. `kind` names it, `finding_ids` what it answers, `evidence` the places it starts from."""

    kind: str
    criterion: Criterion
    text: str
    text_uz: str
    evidence: tuple[Evidence, ...] = ()
    finding_ids: tuple[str, ...] = ()


Offer = tuple[float, NextStep]
"""An exercise and its urgency, in bands below the aim."""


def next_steps(turns: Sequence[Analysed], measures: Measures) -> tuple[NextStep, ...]:
    """Choose up to three exercises, the most urgent first and at most two a criterion.

    Fewer when there was too little speech to derive one from.
    """
    if not measures.language.words:
        return ()
    offers = [
        *_corrections(turns),
        *_delivery(turns, measures),
        *_language(turns, measures),
        *_stretching(turns),
    ]
    chosen: list[NextStep] = []
    for urgency, step in sorted(offers, key=lambda o: (-o[0], o[1].kind)):
        room = sum(c.criterion == step.criterion for c in chosen) < MAX_PER_CRITERION
        if urgency > 0 and room and len(chosen) < STEPS:
            chosen.append(step)
    return tuple(chosen)


@cache
def _wording() -> Mapping[str, Mapping[str, str]]:
    path = Path(__file__).with_name("exercises.json")
    found: Mapping[str, Mapping[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _step(
    kind: str,
    criterion: Criterion,
    evidence: Sequence[Evidence],
    slots: Mapping[str, str],
    *,
    detail: str = "",
    finding_ids: tuple[str, ...] = (),
) -> NextStep:
    wording = _wording()[kind]
    return NextStep(
        kind=f"{kind}:{detail}" if detail else kind,
        criterion=criterion,
        text=fill_in(wording["text"], slots),
        text_uz=fill_in(wording["text_uz"], slots),
        evidence=tuple(evidence),
        finding_ids=finding_ids,
    )


def _gap(measures: Measures, name: str) -> float:
    """Return how many bands a measure lies below the aim, 0 where it was not taken."""
    value = measures.values().get(name)
    return 0.0 if value is None else max(0.0, _AIM - band_equivalent(name, value))


def _beginning(evidence: Evidence) -> str:
    return " ".join(evidence.quote.split()[:_QUOTE_WORDS])


def _corrections(turns: Sequence[Analysed]) -> Iterator[Offer]:
    by_rule: dict[str, list[Finding]] = {}
    for _, analysis in turns:
        for finding in analysis.language.findings:
            by_rule.setdefault(finding.rule_id, []).append(finding)
    for rule_id, found in by_rule.items():
        slots = {
            "said": "; ".join(f"“{f.quote}” → “{f.correction}”" for f in found[:3]),
            "why": found[0].explanation,
            "why_uz": found[0].explanation_uz or found[0].explanation,
        }
        step = _step(
            "correct",
            found[0].criterion,
            [of_finding(f) for f in found[:3]],
            slots,
            detail=rule_id,
            finding_ids=tuple(f.id for f in found),
        )
        yield _FINDING_URGENCY * sum(weight(f) for f in found), step


def _delivery(turns: Sequence[Analysed], measures: Measures) -> Iterator[Offer]:
    pauses = pause_examples(turns, mid_clause=True)
    if pauses:
        seconds = ((pauses[0].end_ms or 0) - (pauses[0].start_ms or 0)) / 1_000
        slots = {"seconds": f"{seconds:.1f}", "quote": pauses[0].quote}
        urgency = max(_gap(measures, "mid_clause_pauses_per_100w"), _gap(measures, "mean_length_run"))
        yield urgency, _step("phrases", "fluency_coherence", pauses, slots)
    wpm = measures.delivery.speech_rate_wpm
    if wpm is not None:
        longest = answer_examples(turns).supporting[:1]
        step = _step("four_three_two", "fluency_coherence", longest, {"wpm": f"{wpm:.0f}"})
        yield _gap(measures, "speech_rate_wpm") - 0.25, step
    meant = {c[:_STEM] for _, a in turns for c in a.language.content}
    unclear = [e for e in unclear_words(turns) if len(e.quote) > 2 and e.quote.lower()[:_STEM] in meant][:3]
    if unclear:
        slots = {"words": ", ".join(f"“{e.quote}”" for e in unclear)}
        yield _gap(measures, "unclear_share"), _step("clear_words", "pronunciation", unclear, slots)
    narrow = pitch_examples(turns).opposing[:1]
    pitch = measures.delivery.pitch_range_semitones
    if narrow and pitch is not None and pitch < _FLAT_SEMITONES:
        slots = {"semitones": f"{pitch:.1f}", "quote": _beginning(narrow[0])}
        step = _step("intonation", "pronunciation", narrow, slots)
        yield _FLAT_SEMITONES - pitch, step


def _language(turns: Sequence[Analysed], measures: Measures) -> Iterator[Offer]:
    language = measures.language
    shortest = answer_examples(turns).opposing[:1]
    if language.words_per_answer is not None and shortest:
        slots = {"words": f"{language.words_per_answer:.0f}", "quote": _beginning(shortest[0])}
        step = _step("longer_answers", "fluency_coherence", shortest, slots)
        yield _gap(measures, "words_per_longer_answer") - 1.5, step
    repeated = repeated_words([a for _, a in turns])
    if repeated:
        slots = {"word": repeated[0][0], "times": str(repeated[0][1])}
        step = _step("other_words", "lexical_resource", word_examples(turns).opposing, slots)
        yield _gap(measures, "mattr50") - 0.25, step
    markers = [m.kind for _, a in turns for m in a.language.markers]
    fresh = [m for m in _FRESH_MARKERS if m not in markers]
    if markers and len(fresh) > 1:
        common = sum(kind in BASIC_MARKERS for kind in markers)
        slots = {"common": str(common), "all": str(len(markers)), "first": fresh[0], "second": fresh[1]}
        yield _gap(measures, "marker_types_per_100w") - 0.25, _step("linking", "fluency_coherence", (), slots)
    if language.grammar.clauses_per_unit is not None:
        plain = (structure_examples(turns).opposing or shortest)[:1]
        slots = {"clauses": f"{language.grammar.clauses_per_unit:.1f}"}
        step = _step("join_sentences", "grammatical_range_accuracy", plain, slots)
        yield _gap(measures, "clauses_per_unit") - 0.5, step


def _stretching(turns: Sequence[Analysed]) -> Iterator[Offer]:
    """Offer exercises for a test without a clear weakness, each from one of its longest answers."""
    kinds: tuple[tuple[str, Criterion], ...] = (
        ("other_side", "fluency_coherence"),
        ("exact_words", "lexical_resource"),
        ("shorter", "grammatical_range_accuracy"),
    )
    for place, (quote, (kind, criterion)) in enumerate(
        zip(answer_examples(turns).supporting, kinds, strict=False)
    ):
        yield 0.05 - place / 100, _step(kind, criterion, (quote,), {"quote": _beginning(quote)})
