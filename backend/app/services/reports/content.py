"""What stands in a report, section by section, as plain values that the template only has to place."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from app.services.analysis_coordinator import most_useful
from app.services.hybrid_analyzer import Finding
from app.services.reports.bands import criteria_content, history_content, overall_content
from app.services.reports.material import ReportMaterial
from app.services.reports.plan import plan_content
from app.services.reports.printable import printable
from app.services.reports.speech_charts import delivery_content
from app.services.reports.vocabulary import vocabulary_content
from app.services.reports.wording import CRITERIA, MODES, at, length

MAX_MISTAKES = 10
MAX_STEPS = 3
MAX_STRENGTHS = 2
MAX_FLAGS = 3
_BANDS = (
    "Each band follows from a ledger of observable features, each met, partly met, not met or without "
    "evidence. The range beside a band holds the middle 80 % of the bands at which such measures are found; "
    "a short sample makes it wide. Half bands of a criterion are interpolated."
)
_ERRORS = (
    "Errors are found by rules that keep silent when in doubt. They find only a small part of all errors, so "
    "few corrections do not mean few errors. Accent is not scored; only how easily words can be recognised."
)
_MEANING = (
    "Whether ideas follow from each other and whether each word was the right one needs a reader who "
    "understands meaning; none was at hand, and neither was judged."
)


def report_content(material: ReportMaterial) -> dict[str, Any]:
    """Return the report's content as JSON values; every text in it can be printed.

    Sections without anything to say are empty or None, and the template leaves them out.
    """
    result = material.analysis
    return {
        "learner": printable(material.learner, 80) if material.learner else None,
        "date": f"{material.held_at.day} {material.held_at:%B %Y}",
        "facts": _facts(material),
        "overall": overall_content(result["overall"]),
        "criteria": criteria_content(result["criteria"], uzbek=material.uzbek),
        "steps": _steps(material),
        "strengths": [
            {"criterion": CRITERIA[s["criterion"]], "text": printable(s["text"])}
            for s in result["strengths"][:MAX_STRENGTHS]
        ],
        "flags": [printable(flag["text"]) for flag in result["flags"][:MAX_FLAGS]],
        "mistakes": _mistakes(material.findings, uzbek=material.uzbek),
        "mistakes_found": len(material.findings),
        "delivery": delivery_content(material),
        "vocabulary": vocabulary_content(result["measures"]["whole"]),
        "history": history_content(material),
        "plan": plan_content(material.plan),
        "method": _method(material),
        "disclaimer": printable(result["disclaimer"]),
        "disclaimer_uz": printable(result["disclaimer_uz"]) if material.uzbek else None,
    }


def _facts(material: ReportMaterial) -> list[list[str]]:
    answers = [turn for turn in material.turns if turn.speaker == "learner"]
    conditions = material.analysis["conditions"]
    spoken = sum(turn.end_ms - turn.start_ms for turn in answers)
    clock = "exam timing" if material.clock == "standard" else "shortened timing, for demonstration"
    facts = [
        ["Held", f"{material.held_at.day} {material.held_at:%B %Y, %H:%M}"],
        ["Test", f"{MODES[material.mode]}; {clock}"],
        [
            "Speech",
            f"{length(spoken)} in {len(answers)} answers, {conditions['rated_answers']} of them scored",
        ],
        ["Examiner", "a computer; recognised and scored without a human listener"],
    ]
    return [[label, printable(value)] for label, value in facts]


def _steps(material: ReportMaterial) -> list[dict[str, Any]]:
    return [
        {
            "criterion": CRITERIA[step["criterion"]],
            "text": printable(step["text"]),
            "text_uz": printable(step["text_uz"]) if material.uzbek else None,
            "at": [at(e["start_ms"]) for e in step["evidence"] if e["start_ms"] is not None][:3],
        }
        for step in material.analysis["next_steps"][:MAX_STEPS]
    ]


def _mistakes(findings: Sequence[Finding], *, uzbek: bool) -> list[dict[str, Any]]:
    """Return the mistakes that matter most, one a kind, in order of weight."""
    counts = Counter(finding.rule_id for finding in findings)
    return [
        {
            "at": at(finding.start_ms),
            "said": printable(finding.quote, 120),
            "better": printable(finding.correction, 120),
            "why": printable(finding.explanation, 300),
            "why_uz": printable(finding.explanation_uz, 300) if uzbek and finding.explanation_uz else None,
            "times": counts[finding.rule_id],
        }
        for finding in most_useful(findings, MAX_MISTAKES)
    ]


def _method(material: ReportMaterial) -> list[str]:
    conditions: Mapping[str, Any] = material.analysis["conditions"]
    models = ", ".join(f"{role} {name}" for role, name in sorted(conditions["models"].items()))
    paragraphs = [_BANDS, _ERRORS]
    if conditions["unavailable"]:
        paragraphs.append(_MEANING)
    paragraphs.append(
        f"Method {material.analysis['method_version']}; {models}. Session {material.session_id}. "
        "Times are minutes and seconds of the session's recording."
    )
    return [printable(paragraph) for paragraph in paragraphs]
