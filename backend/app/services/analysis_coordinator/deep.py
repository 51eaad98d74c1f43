"""The deep analysis: every answer, the whole test, four criteria, and what to do next."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from app.services.analysis_coordinator.comparison import compare
from app.services.analysis_coordinator.evidence import Analysed
from app.services.analysis_coordinator.expert_ratings import rating_measures
from app.services.analysis_coordinator.flags import Flag, find_flags
from app.services.analysis_coordinator.judging import NOT_JUDGED, Judged
from app.services.analysis_coordinator.material import LearnerTurn, SessionMaterial
from app.services.analysis_coordinator.measures import Measures, measure
from app.services.analysis_coordinator.next_steps import NextStep, next_steps
from app.services.analysis_coordinator.pronunciation import pronunciation_detail
from app.services.analysis_coordinator.pronunciation_scores import (
    SessionPronunciation,
    SpeechAssessor,
    session_pronunciation,
    wants_listening,
)
from app.services.analysis_coordinator.ranking import finding_json
from app.services.analysis_coordinator.sampling import build_sample
from app.services.analysis_coordinator.second_opinion import SecondOpinion
from app.services.analysis_coordinator.trained import trained_rules
from app.services.analysis_coordinator.turn import TurnAnalysis
from app.services.analysis_coordinator.turn_analyzer import AnswerAnalyzer
from app.services.analysis_coordinator.what_would_raise import WouldRaise, would_raise
from app.services.analysis_store import EarlierAnalysis
from app.services.hybrid_analyzer import Criterion, Finding, Skipped
from app.services.ielts_scorer import METHOD_VERSION as SCORER_VERSION
from app.services.ielts_scorer import CriterionResult, RoundingPolicy, Score, State, feature_states, score
from app.services.training_engine import Said, Weakness, weaknesses_of

METHOD_VERSION = f"analysis-2+{SCORER_VERSION}"
DISCLAIMER = (
    "This is a practice estimate, not an official IELTS result. Examiners give whole bands for each "
    "criterion; the half bands here are our own interpolation."
)
DISCLAIMER_UZ = (
    "Bu mashq uchun taxminiy baho, rasmiy IELTS natijasi emas. Imtihon oluvchilar har bir mezon uchun "
    "butun ball qo‘yadi; bu yerdagi yarim ballar bizning hisobimiz."
)
MAX_STRENGTHS = 3
LONG_TURN_MS = 60_000
_TURNS_SHARE, _MEASURED = 40, 50
"""Percent of the progress when the turns and the measures are done; pronunciation takes most of the rest."""


@dataclass(frozen=True, slots=True)
class AnalysisResult:
    """A finished analysis. `findings` are stored on their own, and what is to be trained becomes cards;
    `document` is all the rest."""

    score: Score
    whole: Measures
    parts: Mapping[int, Measures]
    by_part: Mapping[int, Mapping[str, State]]
    findings: tuple[Finding, ...]
    next_steps: tuple[NextStep, ...]
    strengths: tuple[dict[str, Any], ...]
    would_raise: Mapping[Criterion, tuple[WouldRaise, ...]]
    flags: tuple[Flag, ...]
    earlier: Sequence[EarlierAnalysis]
    pronunciation: Mapping[str, Any]
    conditions: Mapping[str, Any]
    pronunciation_scores: SessionPronunciation
    weaknesses: tuple[Weakness, ...] = ()
    trained: Sequence[Mapping[str, Any]] = ()
    method_version: str = METHOD_VERSION

    @property
    def overall_band(self) -> float | None:
        """The Speaking band, None when a criterion has none."""
        band = self.score.overall.band
        return None if band is None else float(band)

    def document(self) -> dict[str, Any]:
        """Return everything but the findings, as plain JSON values."""
        document: dict[str, Any] = {
            "status": "final",
            "overall": self.score.overall.to_json(),
            "overall_band": self.overall_band,
            "criteria": {
                c.criterion: c.to_json(self.by_part)
                | {"would_raise": [w.to_json() for w in self.would_raise.get(c.criterion, ())]}
                for c in self.score.criteria
            },
            "measures": {
                "whole": self.whole.to_json(),
                "parts": {str(part): m.to_json() for part, m in self.parts.items()},
            },
            "pronunciation": {**self.pronunciation, "scores": self.pronunciation_scores.to_json()},
            "strengths": list(self.strengths),
            "flags": [flag.to_json() for flag in self.flags],
            "next_steps": [_plain(s) for s in self.next_steps],
            "trained": [dict(rule) for rule in self.trained],
            "conditions": dict(self.conditions),
            "method_version": self.method_version,
            "disclaimer": DISCLAIMER,
            "disclaimer_uz": DISCLAIMER_UZ,
        }
        return {**document, "comparison": compare(document, self.findings, self.earlier)}

    def to_json(self) -> dict[str, Any]:
        """Return the whole analysis document, findings included."""
        return {**self.document(), "findings": [finding_json(f) for f in self.findings]}


class DeepAnalysis:
    """Analyses finished sessions. CPU-bound and thread-safe: call it in a thread pool.

    `assessor` scores pronunciation; without one the analysis says that these scores are unavailable. `models`
    names what recognised and parsed the speech; it is passed on in the result's conditions.
    """

    def __init__(
        self,
        turns: AnswerAnalyzer,
        *,
        rounding_policy: RoundingPolicy = "nearest_half_up",
        assessor: SpeechAssessor | None = None,
        models: Mapping[str, str] | None = None,
    ) -> None:
        self._turns = turns
        self._policy = rounding_policy
        self._assessor = assessor
        self._models = dict(models or {})

    def wants_sound(self, turn: LearnerTurn, stored: Mapping[str, TurnAnalysis]) -> bool:
        """Say whether `analyse` or `conclude` will read the turn's audio."""
        analysis = stored.get(turn.turn_id)
        if analysis is None:
            return True
        return turn.rated and self._assessor is not None and wants_listening(analysis.pronunciation)

    def analyse(
        self,
        material: SessionMaterial,
        stored: Mapping[str, TurnAnalysis],
        progress: Callable[[int], None],
    ) -> tuple[Analysed, ...]:
        """Return the answers of a session in order, each as analysed.

        `stored` holds what was computed during the talk, by turn id; missing turns are analysed from their
        text and sound. All are looked at once more by the edit tagger. `progress` is told percentages that
        never fall.
        """
        turns = sorted(material.turns, key=lambda t: t.index)
        analysed: list[Analysed] = []
        for number, turn in enumerate(turns, start=1):
            analysis = stored.get(turn.turn_id)
            if analysis is None:
                analysis = self._turns.analyze(turn, material.audio(turn.speech.start_ms, turn.speech.end_ms))
            analysed.append((turn, analysis))
            progress(number * _TURNS_SHARE // len(turns))
        voted = self._turns.vote_again(analysed)
        return tuple(
            (turn, analysis.without(material.rules_off))
            for (turn, _), analysis in zip(analysed, voted, strict=True)
        )

    def conclude(
        self,
        material: SessionMaterial,
        opinion: SecondOpinion,
        progress: Callable[[int], None],
        judged: Judged = NOT_JUDGED,
    ) -> AnalysisResult:
        """Return the analysis of a session whose answers were read by everyone who reads them.

        `judged` is what a language model says of features that need meaning. `progress` ends with 100. The
        same answers give the same result, byte for byte.
        """
        # Once more: a language model may have added what learners do not want to hear from it.
        opinion = opinion.without(material.rules_off)
        analysed = opinion.answers
        rated = [(turn, analysis) for turn, analysis in analysed if turn.rated]
        whole = measure([a for _, a in rated])
        by_part = {
            part: [(turn, a) for turn, a in rated if turn.part == part]
            for part in sorted({turn.part for turn, _ in rated})
        }
        parts = {part: measure([a for _, a in answers]) for part, answers in by_part.items()}
        progress(_MEASURED)
        scores = session_pronunciation(
            [(turn, analysis.pronunciation) for turn, analysis in rated],
            material.audio,
            self._assessor,
            lambda share: progress(_MEASURED + int(share * 45)),
        )
        ratings = rating_measures(rated, scores, whole.delivery.pitch_median_hz)
        sample = build_sample(rated, whole, ratings, judged.judgements)
        result = score(sample, self._policy)
        ways = {c.criterion: would_raise(c.criterion, sample, whole) for c in result.criteria if c.band}
        findings = tuple(f for _, a in analysed for f in a.language.findings)
        steps = next_steps(rated, whole)
        progress(100)
        return AnalysisResult(
            score=result,
            whole=whole,
            parts=parts,
            by_part={
                part: feature_states(build_sample(answers, parts[part])) for part, answers in by_part.items()
            },
            findings=findings,
            next_steps=steps,
            strengths=_strengths(result.criteria),
            would_raise=ways,
            earlier=material.earlier,
            flags=find_flags(
                _last_attempts([turn for turn, _ in analysed], material.mode),
                clock=material.clock,
                off_topic=judged.off_topic,
            ),
            pronunciation=pronunciation_detail(rated, {turn_id: r.words for turn_id, r in scores.answers}),
            conditions=self._conditions(material, opinion, judged),
            pronunciation_scores=scores,
            trained=trained_rules(material.focus, rated),
            weaknesses=weaknesses_of(
                material.session_id,
                answers=[Said(turn.turn_id, turn.speech.text) for turn, _ in analysed],
                findings=findings,
                patterns=scores.patterns,
                advice=[step.kind for step in steps],
                long_turn=_spoke_short(rated) and material.clock == "standard",
            ),
        )

    def _conditions(
        self, material: SessionMaterial, opinion: SecondOpinion, judged: Judged
    ) -> dict[str, Any]:
        analysed = opinion.answers
        unavailable = []
        if opinion.status != "complete":
            unavailable.append(
                {"what": "language_model", "effect": "meaning_relevance_and_most_errors_not_judged"}
            )
        if judged.status != "complete":
            unavailable.append({"what": "feature_judge", "effect": "features_of_meaning_not_judged"})
        return {
            "mode": material.mode,
            "clock": material.clock,
            "answers": len(analysed),
            "rated_answers": sum(turn.rated for turn, _ in analysed),
            "llm": opinion.to_json(),
            "judge": judged.to_json(),
            "models": self._models,
            "versions": {
                "language": sorted({a.language.method_version for _, a in analysed}),
                "delivery": sorted({a.delivery.method_version for _, a in analysed}),
            },
            "skipped": {
                f.name: sum(getattr(a.language.skipped, f.name) for _, a in analysed) for f in fields(Skipped)
            },
            "rules_switched_off": sorted(material.rules_off),
            "unavailable": unavailable,
        }


def _last_attempts(turns: Sequence[LearnerTurn], mode: str) -> list[LearnerTurn]:
    """Return the turns; in practice the last attempt at each question, for repeating is what it is for."""
    if mode != "practice":
        return list(turns)
    return list({turn.question_id or turn.turn_id: turn for turn in turns}.values())


def _spoke_short(rated: Sequence[Analysed]) -> bool:
    """Whether the long turn of Part 2 was shorter than a minute."""
    return any(turn.kind == "card" and turn.speech.speech_ms < LONG_TURN_MS for turn, _ in rated)


def _strengths(criteria: Sequence[CriterionResult]) -> tuple[dict[str, Any], ...]:
    """Return what went well: the highest positive feature met in each criterion, where quotes show it.

    Nothing below band 4 is praised: it would not sound sincere.
    """
    best = []
    for criterion in criteria:
        met = [
            f
            for f in criterion.features
            if f.polarity == "positive" and f.state == "met" and f.evidence and f.band >= 4
        ]
        if met:
            top = max(met, key=lambda f: (f.band, f.id))
            best.append((top.band, criterion.criterion, top))
    ranked = sorted(best, key=lambda x: (-x[0], x[1]))[:MAX_STRENGTHS]
    return tuple(
        {
            "criterion": name,
            "feature_id": feature.id,
            "text": feature.text,
            "text_uz": feature.text_uz,
            "evidence": [asdict(e) for e in feature.evidence],
        }
        for _, name, feature in ranked
    )


def _plain(step: NextStep) -> dict[str, Any]:
    return {
        "kind": step.kind,
        "criterion": step.criterion,
        "text": step.text,
        "text_uz": step.text_uz,
        "evidence": [asdict(e) for e in step.evidence],
        "finding_ids": list(step.finding_ids),
    }
