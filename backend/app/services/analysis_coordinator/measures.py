"""Measures over several answers, as they are stored and as the scorer reads them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.services.analysis_coordinator.turn import TurnAnalysis
from app.services.hybrid_analyzer import (
    BASIC_MARKERS,
    CefrProfile,
    Finding,
    FrequencyProfile,
    GrammarRange,
    cefr_profile,
    frequency_profile,
    grammar_range,
    hdd,
    mattr,
    mean_types_in_window,
    mtld,
)
from app.services.ielts_scorer import ErrorDensity, error_density
from app.services.pronunciation_engine import DeliverySummary, summarise

MIN_MTLD_WORDS = 100
"""MTLD wanders below this length (McCarthy & Jarvis 2010)."""

MIN_CONTENT_WORDS = 30
MIN_PROFILED_WORDS = 50
MIN_MARKERS = 8
LONG_TURN_PART = 2
"""Where a talk of one to two minutes is asked for, whatever the speaker's level."""

LANGUAGE_CRITERIA: tuple[str, ...] = ("grammatical_range_accuracy", "lexical_resource")


@dataclass(frozen=True, slots=True)
class LanguageSummary:
    """Measures of language over several answers; None where the sample is too small for a value.

    `words` are meant words. `words_per_longer_answer` is the mean over the longer half of the answers outside
    Part 2, so that a `yes` to a yes-or-no question does not hide how far the others went. Types per 100 words
    are means over a moving window of 100 words. Errors are those that rules found alone, so that a language
    model moves no band; their densities are estimates with bounds: most errors go unseen.
    """

    words: int
    types: int
    words_per_answer: float | None
    words_per_longer_answer: float | None
    mtld: float | None
    mattr50: float | None
    hdd42: float | None
    beyond_a1_share: float | None
    beyond_2k_share: float | None
    soph_k3_share: float | None
    frequency_profile: FrequencyProfile | None
    b2_plus_share: float | None
    cefr_profile: CefrProfile | None
    marker_count: int
    marker_types: int
    marker_families: int
    marker_types_per_100w: float | None
    basic_marker_share: float | None
    structure_types: int
    structure_types_per_100w: float | None
    grammar: GrammarRange
    filled_pauses: int
    lexical_fillers: int
    repeats: int
    repairs: int
    findings: int
    recurring_errors: int
    errors_per_100w: ErrorDensity | None
    word_errors_per_100w: ErrorDensity | None


@dataclass(frozen=True, slots=True)
class Measures:
    """Language and delivery measures of some answers."""

    language: LanguageSummary
    delivery: DeliverySummary

    def to_json(self) -> dict[str, Any]:
        """Return both as one flat object."""
        delivery = asdict(self.delivery)
        delivery["timed_words"] = delivery.pop("words")
        language = asdict(self.language)
        return {**delivery, **language, **language.pop("grammar")}

    def values(self) -> Mapping[str, float]:
        """Return the measures that have a value and are numbers, by name."""
        return {k: float(v) for k, v in self.to_json().items() if isinstance(v, int | float)}


def measure(turns: Sequence[TurnAnalysis]) -> Measures:
    """Measure some answers together; the order is that of the test."""
    delivery = summarise([t.delivery for t in turns], [t.language.words for t in turns])
    return Measures(_language(turns), delivery)


def recurring(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    """Return the findings of each rule that flagged at least two places, by rule id."""
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule_id, []).append(finding)
    return {rule: found for rule, found in by_rule.items() if len(found) > 1}


def _language(turns: Sequence[TurnAnalysis]) -> LanguageSummary:
    lemmas: list[str] = []
    markers: list[tuple[int, str]] = []
    structures: list[tuple[int, str]] = []
    families: set[str] = set()
    for turn in turns:
        start = len(lemmas)
        lemmas.extend(turn.language.lemmas)
        markers.extend((start + m.position, m.kind) for m in turn.language.markers)
        structures.extend((start + s.position, s.kind) for s in turn.language.structures)
        families.update(turn.language.marker_families.values())
    words = len(lemmas)
    content = [c for t in turns for c in t.language.content]
    answered = [t for t in turns if t.language.words]
    findings = [f for t in turns for f in t.language.unaided]
    gaps = Counter(d.kind for t in turns for d in t.language.disfluencies)
    basic = sum(kind in BASIC_MARKERS for _, kind in markers)
    window, drawn = mattr(lemmas), hdd(lemmas)
    bands = [b for t in turns for b in t.language.bands]
    levels = [level for t in turns for level in t.language.levels]
    frequency = frequency_profile(lemmas, bands) if words >= MIN_PROFILED_WORDS else None
    cefr = cefr_profile(content, levels) if len(content) >= MIN_CONTENT_WORDS else None
    return LanguageSummary(
        words=words,
        types=len(set(lemmas)),
        words_per_answer=_ratio(words, len(answered), 1),
        words_per_longer_answer=_longer_half(
            [t.language.words for t in answered if t.part != LONG_TURN_PART]
        ),
        mtld=round(mtld(lemmas), 1) if words >= MIN_MTLD_WORDS else None,
        mattr50=None if window is None else round(window, 4),
        hdd42=None if drawn is None else round(drawn, 4),
        beyond_a1_share=round(1 - cefr.tokens["A1"], 4) if cefr else None,
        beyond_2k_share=frequency.types_beyond(2) if frequency else None,
        soph_k3_share=frequency.types_beyond(3) if frequency else None,
        frequency_profile=frequency,
        b2_plus_share=cefr.types_from_b2 if cefr else None,
        cefr_profile=cefr,
        marker_count=len(markers),
        marker_types=len({kind for _, kind in markers}),
        marker_families=len(families),
        marker_types_per_100w=_rounded(mean_types_in_window(markers, words)),
        basic_marker_share=_ratio(basic, len(markers), 3) if len(markers) >= MIN_MARKERS else None,
        structure_types=len({kind for _, kind in structures}),
        structure_types_per_100w=_rounded(mean_types_in_window(structures, words)),
        grammar=grammar_range([(t.language.units, t.language.verb_forms, _about(t)) for t in turns]),
        filled_pauses=gaps["filler"],
        lexical_fillers=gaps["lexical_filler"],
        repeats=gaps["repeat"],
        repairs=gaps["repair"],
        findings=len(findings),
        recurring_errors=len(recurring(findings)),
        errors_per_100w=error_density(sum(f.criterion in LANGUAGE_CRITERIA for f in findings), words),
        word_errors_per_100w=error_density(sum(f.criterion == "lexical_resource" for f in findings), words),
    )


def _longer_half(lengths: Sequence[int]) -> float | None:
    longer = sorted(lengths)[len(lengths) // 2 :]
    return _ratio(sum(longer), len(longer), 1)


def _about(turn: TurnAnalysis) -> list[Finding]:
    return [f for f in turn.language.unaided if f.criterion in LANGUAGE_CRITERIA]


def _ratio(amount: float, base: float, digits: int) -> float | None:
    return round(amount / base, digits) if base else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
